package dev.firn.gateway.retrieval;

import dev.firn.gateway.problem.Refusal;
import dev.firn.schemas.Code;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// One range of a file (RFC 9110).
///
/// @param from first byte
/// @param to after the last byte
record ByteRange(long from, long to) {
    private static final Pattern ONE = Pattern.compile("bytes=(\\d{0,18})-(\\d{0,18})");

    long length() {
        return to - from;
    }

    /// The range that a header asks for; empty for the whole file. Several ranges, and other units, count as none.
    ///
    /// @throws Refusal with 416 if it lies outside of the file
    static Optional<ByteRange> parse(Optional<String> header, long length) {
        Optional<Matcher> found = header.map(text -> ONE.matcher(text.strip())).filter(Matcher::matches);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        String first = found.get().group(1);
        String last = found.get().group(2);
        if (first.isEmpty() && last.isEmpty()) {
            return Optional.empty();
        }
        ByteRange range = first.isEmpty()
                ? new ByteRange(Math.max(0, length - Long.parseLong(last)), length)
                : new ByteRange(
                        Long.parseLong(first), last.isEmpty() ? length : Math.min(length, Long.parseLong(last) + 1));
        if (range.from() >= range.to()) {
            throw Refusal.of(
                    Code.NOT_ACCEPTABLE_RANGE, "The file has %,d bytes; the range is outside.".formatted(length));
        }
        return Optional.of(range);
    }
}
