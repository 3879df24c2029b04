package dev.firn.cli.demo;

import dev.firn.cli.retrieval.ResultRows;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Firn's and Trino's results of the same join, compared value by value. Doubles are equal if their bits are, decimals
/// if value and scale are. Null equals only null.
///
/// @param differences how many there are
/// @param firstDifferences the first few, for people
record DemoComparison(int rows, long values, long differences, List<String> firstDifferences) {
    private static final int SHOWN = 5;
    private static final String ROW_ID = "row_id";

    DemoComparison {
        firstDifferences = List.copyOf(firstDifferences);
    }

    boolean isEqual() {
        return differences == 0;
    }

    /// @param expected the row id, then the features in the order of the result's last columns
    static DemoComparison of(ResultRows result, List<List<@Nullable Object>> expected) {
        List<String> columns = result.columns();
        int rowId = columns.indexOf(ROW_ID);
        List<List<@Nullable Object>> rows = new ArrayList<>();
        result.forEach(Long.MAX_VALUE, rows::add);
        return of(columns, rowId, rows, expected);
    }

    static DemoComparison of(
            List<String> columns, int rowId, List<List<@Nullable Object>> rows, List<List<@Nullable Object>> expected) {
        Map<Object, List<@Nullable Object>> byId = new HashMap<>();
        for (List<@Nullable Object> row : expected) {
            byId.put(Objects.requireNonNull(row.getFirst()), row.subList(1, row.size()));
        }
        long values = 0;
        List<String> differences = new ArrayList<>();
        for (List<@Nullable Object> row : rows) {
            Object id = row.get(rowId);
            List<@Nullable Object> wanted = byId.remove(id);
            if (wanted == null) {
                differences.add("row %s: missing from Trino's result or duplicated in Firn's".formatted(id));
                continue;
            }
            int firstFeature = columns.size() - wanted.size();
            for (int i = 0; i < wanted.size(); i++) {
                values++;
                Object found = row.get(firstFeature + i);
                if (!Objects.equals(found, wanted.get(i))) {
                    differences.add("row %s, %s: Firn has %s, Trino has %s"
                            .formatted(id, columns.get(firstFeature + i), found, wanted.get(i)));
                }
            }
        }
        byId.keySet().forEach(id -> differences.add("row %s: missing from Firn's result".formatted(id)));
        return new DemoComparison(
                rows.size(), values, differences.size(), differences.subList(0, Math.min(SHOWN, differences.size())));
    }
}
