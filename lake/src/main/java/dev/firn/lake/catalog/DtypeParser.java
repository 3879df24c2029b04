package dev.firn.lake.catalog;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// A recursive descent parser for dtypes, bounded in length and depth.
final class DtypeParser {
    private static final int MAX_LENGTH = 4096;
    private static final int MAX_DEPTH = 16;

    private final String text;
    private int at;

    DtypeParser(String text) {
        this.text = text;
    }

    Dtype parse() {
        if (text.length() > MAX_LENGTH) {
            throw new IllegalArgumentException("a dtype has at most " + MAX_LENGTH + " characters");
        }
        Dtype dtype = dtype(0);
        blanks();
        if (at < text.length()) {
            throw wrong("end of text");
        }
        return dtype;
    }

    private Dtype dtype(int depth) {
        if (depth > MAX_DEPTH) {
            throw wrong("at most " + MAX_DEPTH + " levels");
        }
        blanks();
        int start = at;
        String name = word();
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "decimal" -> decimal();
            case "list" -> list(depth);
            case "map" -> map(depth);
            case "struct" -> struct(depth);
            default -> {
                Optional<Dtype.Plain> plain = Dtype.Plain.named(name);
                if (plain.isEmpty()) {
                    at = start;
                    throw wrong("one of int32, int64, float32, float64, bool, string, bytes, date, time, timestamp, "
                            + "timestamptz, timestamp_ns, timestamptz_ns, uuid, decimal(p,s), list<…>, map<…,…>, "
                            + "struct<name: …>");
                }
                yield plain.get();
            }
        };
    }

    private Dtype decimal() {
        expect('(');
        int precision = number();
        expect(',');
        int scale = number();
        expect(')');
        return new Dtype.Decimal(precision, scale);
    }

    private Dtype list(int depth) {
        expect('<');
        Dtype element = dtype(depth + 1);
        expect('>');
        return new Dtype.ListOf(element);
    }

    private Dtype map(int depth) {
        expect('<');
        Dtype key = dtype(depth + 1);
        expect(',');
        Dtype value = dtype(depth + 1);
        expect('>');
        return new Dtype.MapOf(key, value);
    }

    private Dtype struct(int depth) {
        expect('<');
        List<Dtype.StructOf.Field> fields = new ArrayList<>();
        do {
            blanks();
            String name = word();
            expect(':');
            fields.add(new Dtype.StructOf.Field(name, dtype(depth + 1)));
        } while (skip(','));
        expect('>');
        return new Dtype.StructOf(fields);
    }

    private int number() {
        blanks();
        int start = at;
        String digits = word();
        if (!digits.matches("[0-9]{1,3}")) {
            at = start;
            throw wrong("a number");
        }
        return Integer.parseInt(digits);
    }

    /// Letters, digits, underscores and hyphens of any script, since the table owner chooses field names.
    private String word() {
        int start = at;
        while (at < text.length()
                && (Character.isLetterOrDigit(text.charAt(at)) || text.charAt(at) == '_' || text.charAt(at) == '-')) {
            at++;
        }
        if (at == start) {
            throw wrong("a name");
        }
        return text.substring(start, at);
    }

    private boolean skip(char c) {
        blanks();
        if (at < text.length() && text.charAt(at) == c) {
            at++;
            return true;
        }
        return false;
    }

    private void expect(char c) {
        if (!skip(c)) {
            throw wrong("'" + c + "'");
        }
    }

    private void blanks() {
        while (at < text.length() && text.charAt(at) == ' ') {
            at++;
        }
    }

    private IllegalArgumentException wrong(String expected) {
        String shown = text.length() > 80 ? text.substring(0, 80) + "…" : text;
        return new IllegalArgumentException("dtype '" + shown + "' at " + (at + 1) + ": expected " + expected);
    }
}
