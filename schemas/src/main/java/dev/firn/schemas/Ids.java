package dev.firn.schemas;

import java.util.regex.Pattern;

/// What ids and names may look like. Ids become folders and topic keys, names become columns.
public final class Ids {
    private static final Pattern REQUEST_ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,126}");
    private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,126}");

    private Ids() {}

    /// Whether `text` may be a request id: `[A-Za-z0-9][A-Za-z0-9._-]{0,126}`.
    public static boolean isRequestId(String text) {
        return REQUEST_ID.matcher(text).matches();
    }

    /// Whether `text` may name a standing retrieval; the same pattern as a request id.
    public static boolean isStandingId(String text) {
        return REQUEST_ID.matcher(text).matches();
    }

    /// Whether `text` may name a feature or an entity: `[A-Za-z_][A-Za-z0-9_]{0,126}`.
    public static boolean isIdentifier(String text) {
        return IDENTIFIER.matcher(text).matches();
    }

    /// Whether `text` may name a view or an alias: an identifier without `__`, which separates view and feature.
    public static boolean isViewName(String text) {
        return isIdentifier(text) && !text.contains("__");
    }
}
