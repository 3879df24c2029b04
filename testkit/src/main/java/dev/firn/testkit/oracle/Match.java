package dev.firn.testkit.oracle;

/// The result of one spine row.
///
/// @param featureRow index of the winning feature row, or [#NONE]
/// @param ambiguous whether only the tie order decided
public record Match(int featureRow, boolean ambiguous) {
    public static final int NONE = -1;

    public boolean isFound() {
        return featureRow != NONE;
    }
}
