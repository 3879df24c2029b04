package dev.firn.cli.retrieval;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// Guesses the types of columns of text from their values: the first type that every value has. Text that would come
/// out changed, such as `007` or a number too long for a double, remains a string. Nulls fit every type.
///
/// Not thread-safe.
final class ColumnGuess {
    private final List<String> columns;
    private final List<Set<Kind>> possible = new ArrayList<>();
    private final boolean[] hasValues;

    ColumnGuess(List<String> columns) {
        this.columns = columns;
        this.hasValues = new boolean[columns.size()];
        columns.forEach(column -> possible.add(EnumSet.allOf(Kind.class)));
    }

    /// @param row values; null fits every type
    void add(List<String> row) {
        for (int i = 0; i < Math.min(columns.size(), row.size()); i++) {
            String value = row.get(i);
            if (value != null) {
                hasValues[i] = true;
                possible.get(i).removeIf(kind -> !kind.has(value));
            }
        }
    }

    /// The dtypes of columns that are not strings, in the order of the columns.
    Map<String, String> dtypes() {
        Map<String, String> dtypes = new LinkedHashMap<>();
        for (int i = 0; i < columns.size(); i++) {
            Optional<Kind> first = possible.get(i).stream().findFirst();
            if (hasValues[i] && first.isPresent()) {
                dtypes.put(columns.get(i), first.get().dtype);
            }
        }
        return dtypes;
    }

    /// In the order of preference.
    private enum Kind {
        BOOL("bool", "true|false|True|False|TRUE|FALSE"),
        INT64("int64", "0|-?[1-9][0-9]{0,17}"),
        FLOAT64("float64", "-?(0|[1-9][0-9]{0,14})(\\.[0-9]{1,17})?([eE][+-]?[0-9]{1,3})?"),
        DATE("date", Text.DATE),
        TIMESTAMP("timestamp", Text.DATE + Text.TIME),
        TIMESTAMPTZ("timestamptz", Text.DATE + Text.TIME + "(Z|[+-][0-9]{2}(:?[0-9]{2})?)");

        private final String dtype;
        private final Pattern pattern;

        Kind(String dtype, String pattern) {
            this.dtype = dtype;
            this.pattern = Pattern.compile(pattern);
        }

        boolean has(String value) {
            return pattern.matcher(value).matches();
        }
    }

    private static final class Text {
        static final String DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}";
        static final String TIME = "[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]{1,6})?)?";
    }
}
