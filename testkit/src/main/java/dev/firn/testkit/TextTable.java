package dev.firn.testkit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A small table written as text, for readable fixtures.
///
/// ```
/// id | updated_at          | total
/// 1  | 2024-01-02 00:00:00 | 22
/// 2  | null                | 10
/// ```
///
/// The first line names the columns. Cells are trimmed, `null` is null, and lines of dashes and empty lines are
/// ignored.
///
/// @param rows each with one cell per column
public record TextTable(List<String> columns, List<List<Optional<String>>> rows) {
    public TextTable {
        columns = List.copyOf(columns);
        rows = rows.stream().map(List::copyOf).toList();
        for (List<Optional<String>> row : rows) {
            if (row.size() != columns.size()) {
                throw new IllegalArgumentException(
                        "row needs %d cells, got %d: %s".formatted(columns.size(), row.size(), row));
            }
        }
    }

    public static TextTable of(String text) {
        List<String> lines = text.lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.matches("[-+| ]+"))
                .toList();
        if (lines.isEmpty()) {
            throw new IllegalArgumentException("a table needs a header line");
        }
        List<List<Optional<String>>> rows = new ArrayList<>();
        for (String line : lines.subList(1, lines.size())) {
            rows.add(cells(line)
                    .map(cell -> cell.equals("null") ? Optional.<String>empty() : Optional.of(cell))
                    .toList());
        }
        return new TextTable(cells(lines.getFirst()).toList(), rows);
    }

    private static Stream<String> cells(String line) {
        return Arrays.stream(line.split("\\|", -1)).map(String::strip);
    }

    /// The cells of one column, from top to bottom.
    public List<Optional<String>> column(String name) {
        int index = columns.indexOf(name);
        if (index < 0) {
            throw new IllegalArgumentException("unknown column '%s', expected one of %s".formatted(name, columns));
        }
        return rows.stream().map(row -> row.get(index)).toList();
    }

    /// One INSERT of all rows. Casts each value to the type of its column, given as `name type`.
    String insertInto(String table, List<String> namesAndTypes) {
        Map<String, String> types = new LinkedHashMap<>();
        for (String nameAndType : namesAndTypes) {
            int space = nameAndType.indexOf(' ');
            types.put(nameAndType.substring(0, space), nameAndType.substring(space + 1));
        }
        String values = rows.stream()
                .map(row -> {
                    List<String> cells = new ArrayList<>();
                    for (int i = 0; i < row.size(); i++) {
                        String type = types.getOrDefault(columns.get(i), "varchar");
                        cells.add("CAST(%s AS %s)"
                                .formatted(row.get(i).map(TextTable::quoted).orElse("NULL"), type));
                    }
                    return "(" + String.join(", ", cells) + ")";
                })
                .collect(Collectors.joining(",\n"));
        String names = columns.stream().map(name -> '"' + name + '"').collect(Collectors.joining(", "));
        return "INSERT INTO %s (%s) VALUES%n%s".formatted(table, names, values);
    }

    private static String quoted(String text) {
        return "'" + text.replace("'", "''") + "'";
    }
}
