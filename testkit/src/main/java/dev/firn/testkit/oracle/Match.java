package dev.firn.testkit.oracle;

/// What a spine row gets.
///
/// @param featureRow index of the winning feature row, or [#NONE]
/// @param ambiguous only the tie order decided
public record Match(int featureRow, boolean ambiguous) {
    public static final int NONE = -1;

    public boolean isFound() {
        return featureRow != NONE;
    }
}
