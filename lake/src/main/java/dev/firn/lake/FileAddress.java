package dev.firn.lake;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The address of a file that a table's metadata names, for comparison by whole segments. `s3`, `s3a` and
/// `s3n` are one scheme; absolute paths are of scheme `file`. A trailing slash is dropped.
///
/// Writers make these addresses, so they are object keys rather than paths of people: unlike in
/// [dev.firn.lake.storage.Location], empty and percent-encoded segments are ordinary (Iceberg encodes
/// partition values), because no file IO decodes them. `.` and `..` segments are refused, plain or encoded,
/// because Hadoop resolves the plain ones.
///
/// @param authority the bucket, container or name node; empty for local files
public record FileAddress(String scheme, String authority, List<String> segments) {
    public static Optional<FileAddress> parse(String location) {
        if (location.chars().anyMatch(c -> Character.isISOControl(c) || c == '\\')) {
            return Optional.empty();
        }
        if (location.startsWith("/")) {
            return of("file", "", location.substring(1));
        }
        int colon = location.indexOf(':');
        if (colon <= 0 || !isScheme(location.substring(0, colon))) {
            return Optional.empty();
        }
        String scheme = location.substring(0, colon).toLowerCase(Locale.ROOT);
        String rest = location.substring(colon + 1);
        if (!rest.startsWith("//")) {
            return rest.startsWith("/") ? of(scheme, "", rest.substring(1)) : Optional.empty();
        }
        int slash = rest.indexOf('/', 2);
        return of(
                scheme.equals("s3a") || scheme.equals("s3n") ? "s3" : scheme,
                slash < 0 ? rest.substring(2) : rest.substring(2, slash),
                slash < 0 ? "" : rest.substring(slash + 1));
    }

    private static boolean isScheme(String text) {
        return Character.isLetter(text.charAt(0))
                && text.chars().allMatch(c -> Character.isLetterOrDigit(c) || "+.-".indexOf(c) >= 0);
    }

    private static Optional<FileAddress> of(String scheme, String authority, String path) {
        List<String> segments = new ArrayList<>();
        int from = 0;
        for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', from)) {
            segments.add(path.substring(from, slash));
            from = slash + 1;
        }
        if (from < path.length()) {
            segments.add(path.substring(from));
        }
        return segments.stream().anyMatch(FileAddress::isDots)
                ? Optional.empty()
                : Optional.of(new FileAddress(scheme, authority, List.copyOf(segments)));
    }

    private static boolean isDots(String segment) {
        if (segment.indexOf('%') < 0) {
            return segment.equals(".") || segment.equals("..");
        }
        // the longest encoded form of `..` that is decoded twice is %252e%252e
        String decoded = segment;
        for (int round = 0; round < 2 && decoded.length() <= "%252e%252e".length(); round++) {
            decoded = decodedOnce(decoded);
        }
        return decoded.equals(".") || decoded.equals("..");
    }

    private static String decodedOnce(String text) {
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException brokenEscape) {
            return text;
        }
    }

    FileAddress withoutEmptySegments() {
        return new FileAddress(
                scheme,
                authority,
                segments.stream().filter(segment -> !segment.isEmpty()).toList());
    }

    public boolean isUnder(FileAddress prefix) {
        return scheme.equals(prefix.scheme)
                && authority.equals(prefix.authority)
                && segments.size() >= prefix.segments.size()
                && segments.subList(0, prefix.segments.size()).equals(prefix.segments);
    }
}
