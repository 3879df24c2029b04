package dev.firn.lake.storage;

import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeRejection;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/// A parsed location in a store. `s3://`, `s3a://` and `s3n://` name the same object, so they parse to equal locations.
/// Absolute paths and `file:` refer to the local file system.
///
/// A key on a store is any string, and is kept as it is: `#`, `?`, `%`, `+` and `//` mean nothing. But stores compare
/// keys literally, and people, proxies and file systems do not. So a location is rejected (`LOCATION_INVALID`) rather
/// than normalised if its path has a `.` or `..` segment, a backslash or a control character, plain or percent-encoded
/// any number of times, an empty segment at its end, or, on the local file system, any empty segment. A trailing slash
/// marks a folder and is dropped.
public final class Location {
    private static final int MAX_LENGTH = 4096;
    private static final int MAX_DECODINGS = 8;

    private final String scheme;
    private final String bucket;
    private final List<String> segments;

    private Location(String scheme, String bucket, List<String> segments) {
        this.scheme = scheme;
        this.bucket = bucket;
        this.segments = segments;
    }

    public static Location parse(String text) {
        if (text.length() > MAX_LENGTH) {
            throw invalid(text.substring(0, 64) + "…", "is longer than " + MAX_LENGTH + " characters");
        }
        if (text.chars().anyMatch(c -> Character.isISOControl(c) || c == '\\')) {
            throw invalid(printable(text), "contains a control character or a backslash");
        }
        if (text.startsWith("/")) {
            return new Location("file", "", pathSegments(text, text.substring(1)));
        }
        int colon = text.indexOf(':');
        if (colon <= 0 || !text.substring(0, colon).matches("[A-Za-z][A-Za-z0-9+.-]*")) {
            throw invalid(text, "has no scheme such as s3://");
        }
        String scheme = normalised(text.substring(0, colon));
        String rest = text.substring(colon + 1);
        if (scheme.equals("file")) {
            String path = rest.startsWith("///") ? rest.substring(2) : rest;
            if (!path.startsWith("/") || path.startsWith("//")) {
                throw invalid(text, "must be an absolute local path");
            }
            return new Location(scheme, "", pathSegments(text, path.substring(1)));
        }
        if (!rest.startsWith("//")) {
            throw invalid(text, "has no bucket");
        }
        int slash = rest.indexOf('/', 2);
        String bucket = slash < 0 ? rest.substring(2) : rest.substring(2, slash);
        if (bucket.isEmpty() || !bucket.matches("[A-Za-z0-9][A-Za-z0-9._:-]*") || bucket.contains("..")) {
            throw invalid(text, "has an invalid bucket name");
        }
        return new Location(scheme, bucket, segments(text, slash < 0 ? "" : rest.substring(slash + 1)));
    }

    /// `s3` for all three spellings, `file`, or another scheme in lower case.
    public String scheme() {
        return scheme;
    }

    /// Bucket; empty for the local file system.
    public String bucket() {
        return bucket;
    }

    /// Path within the bucket, without slashes at either end.
    public String key() {
        return String.join("/", segments);
    }

    /// Whether this is `prefix` or under it, by whole segments: `s3://b/ab` is not under `s3://b/a`.
    public boolean isUnder(Location prefix) {
        return scheme.equals(prefix.scheme)
                && bucket.equals(prefix.bucket)
                && segments.size() >= prefix.segments.size()
                && segments.subList(0, prefix.segments.size()).equals(prefix.segments);
    }

    /// Whether Iceberg's file IO for S3 would write to another key: it cuts names at `#` and `?`.
    public boolean isCutByIceberg() {
        return scheme.equals("s3") && isCutByIceberg(key());
    }

    public static boolean isCutByIceberg(String name) {
        return name.indexOf('#') >= 0 || name.indexOf('?') >= 0;
    }

    /// Resolves `relative` under this location, by the same rules.
    public Location resolve(String relative) {
        return parse(this + "/" + relative);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Location that
                && scheme.equals(that.scheme)
                && bucket.equals(that.bucket)
                && segments.equals(that.segments);
    }

    @Override
    public int hashCode() {
        return Objects.hash(scheme, bucket, segments);
    }

    @Override
    public String toString() {
        return (scheme.equals("file") ? "file:" : scheme + "://" + bucket) + (segments.isEmpty() ? "" : "/" + key());
    }

    private static String normalised(String scheme) {
        String lower = scheme.toLowerCase(Locale.ROOT);
        return lower.equals("s3a") || lower.equals("s3n") ? "s3" : lower;
    }

    /// File systems take two slashes for one.
    private static List<String> pathSegments(String text, String path) {
        List<String> segments = segments(text, path);
        if (segments.contains("")) {
            throw invalid(text, "contains an empty segment");
        }
        return segments;
    }

    private static List<String> segments(String text, String path) {
        // without this, the text of a location would not be parsed to the same location again
        if (path.equals("/") || path.endsWith("//")) {
            throw invalid(text, "ends with an empty segment");
        }
        String trimmed = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
        if (trimmed.isEmpty()) {
            return List.of();
        }
        List<String> segments = List.of(trimmed.split("/", -1));
        for (String segment : segments) {
            requireHarmless(text, segment);
        }
        return segments;
    }

    private static void requireHarmless(String text, String segment) {
        String decoded = segment;
        for (int round = 0; ; round++) {
            for (String piece : decoded.split("[/\\\\]", -1)) {
                if (piece.equals(".") || piece.equals("..")) {
                    throw invalid(text, "contains segment '" + segment + "', which stands for . or ..");
                }
            }
            if (decoded.chars().anyMatch(c -> Character.isISOControl(c) || c == '\\')) {
                throw invalid(text, "contains an encoded control character or backslash");
            }
            String next = decodedOnce(decoded);
            if (next.equals(decoded)) {
                return;
            }
            if (round == MAX_DECODINGS) {
                throw invalid(text, "is percent-encoded more than " + MAX_DECODINGS + " times");
            }
            decoded = next;
        }
    }

    /// Percent-decodes once, but keeps `+` and broken escapes, which are legal in object keys.
    private static String decodedOnce(String text) {
        if (text.indexOf('%') < 0) {
            return text;
        }
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException brokenEscape) {
            return text;
        }
    }

    private static String printable(String text) {
        return text.replaceAll("[\\p{Cntrl}]", "?");
    }

    private static LakeRejection invalid(String text, String why) {
        return new LakeRejection(LakeCode.LOCATION_INVALID, "[" + text + "] " + why);
    }
}
