package dev.firn.config;

import java.util.regex.Pattern;

/// Locations of an object store, compared as text.
final class Locations {
    private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*://");
    private static final Pattern S3 = Pattern.compile("^s3[an]://", Pattern.CASE_INSENSITIVE);

    private Locations() {}

    /// Whether the text is a location, and not the name that some catalogs have for a warehouse.
    static boolean isLocation(String text) {
        return SCHEME.matcher(text).lookingAt();
    }

    /// Whether it is a whole bucket: `s3://lake`.
    static boolean isBucket(String location) {
        String plain = withoutSlash(location);
        return plain.indexOf('/', plain.indexOf("://") + "://".length()) < 0;
    }

    /// Whether one is the other or lies under it, segment by segment. `s3`, `s3a` and `s3n` are one scheme.
    static boolean overlap(String one, String other) {
        String first = normal(one);
        String second = normal(other);
        return first.startsWith(second) || second.startsWith(first);
    }

    static String withoutSlash(String location) {
        int end = location.length();
        while (end > 0 && location.charAt(end - 1) == '/') {
            end--;
        }
        return location.substring(0, end);
    }

    private static String normal(String location) {
        return S3.matcher(withoutSlash(location)).replaceFirst("s3://") + "/";
    }
}
