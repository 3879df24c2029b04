package dev.firn.cli.render;

import java.util.Locale;

/// Counts of things, in words.
public final class Plural {
    private Plural() {}

    /// `1 row`, `12,345 rows`.
    public static String of(long count, String singular) {
        return String.format(Locale.ROOT, "%,d %s%s", count, singular, count == 1 ? "" : "s");
    }
}
