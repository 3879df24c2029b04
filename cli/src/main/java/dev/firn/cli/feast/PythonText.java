package dev.firn.cli.feast;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Values as Python writes them, on one line and in ASCII, whatever they contain.
final class PythonText {
    private static final int FIRST_PRINTABLE = 0x20;
    private static final int LAST_PRINTABLE = 0x7e;
    private static final int LAST_BYTE = 0xff;
    private static final String REPLACEMENT = "\\ufffd";

    private PythonText() {}

    /// A literal of the text. Half of a surrogate pair is not a character and becomes U+FFFD.
    static String literal(String text) {
        return '"' + escaped(text).replace("\"", "\\\"") + '"';
    }

    /// The text for a comment.
    static String escaped(String text) {
        StringBuilder python = new StringBuilder();
        text.codePoints().forEach(c -> python.append(escaped(c)));
        return python.toString();
    }

    private static String escaped(int c) {
        if (c == '\\') {
            return "\\\\";
        }
        if (c == '\n') {
            return "\\n";
        }
        if (c >= FIRST_PRINTABLE && c <= LAST_PRINTABLE) {
            return Character.toString(c);
        }
        if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
            return REPLACEMENT;
        }
        return c <= LAST_BYTE
                ? "\\x%02x".formatted(c)
                : c <= Character.MAX_VALUE ? "\\u%04x".formatted(c) : "\\U%08x".formatted(c);
    }

    /// A literal of the map, in the order of its keys.
    static String literal(Map<String, String> map) {
        return new TreeMap<>(map)
                .entrySet().stream()
                        .map(entry -> literal(entry.getKey()) + ": " + literal(entry.getValue()))
                        .collect(Collectors.joining(", ", "{", "}"));
    }
}
