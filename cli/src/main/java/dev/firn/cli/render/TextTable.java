package dev.firn.cli.render;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Rows as aligned text: a header, a line, then the rows. Numbers are right-aligned, long cells end in an ellipsis.
///
/// Not thread-safe.
public final class TextTable {
    /// Longer cells are truncated.
    static final int MAX_CELL_WIDTH = 60;

    private static final String NULL = "null";
    private static final String GAP = "  ";

    private final List<String> header;
    private final List<List<String>> rows = new ArrayList<>();
    private final boolean[] right;
    private boolean wholeLast;

    public TextTable(List<String> header) {
        this.header = header.stream().map(value -> cell(value, MAX_CELL_WIDTH)).toList();
        this.right = new boolean[header.size()];
        java.util.Arrays.fill(right, true);
    }

    public TextTable(String... header) {
        this(List.of(header));
    }

    /// Never truncates the last column: for values that people copy, such as locations.
    public TextTable keepLastColumnWhole() {
        wholeLast = true;
        return this;
    }

    /// @throws IllegalArgumentException if the row and the header differ in length
    public TextTable row(List<? extends @Nullable Object> values) {
        if (values.size() != header.size()) {
            throw new IllegalArgumentException("expected %d values, got %d".formatted(header.size(), values.size()));
        }
        List<String> cells = new ArrayList<>(values.size());
        for (int i = 0; i < values.size(); i++) {
            Object value = values.get(i);
            right[i] &= value == null || value instanceof Number;
            boolean whole = wholeLast && i == values.size() - 1;
            cells.add(cell(value, whole ? Integer.MAX_VALUE : MAX_CELL_WIDTH));
        }
        rows.add(cells);
        return this;
    }

    public TextTable row(@Nullable Object... values) {
        return row(java.util.Arrays.asList(values));
    }

    public boolean isEmpty() {
        return rows.isEmpty();
    }

    /// The table's lines, without trailing blanks.
    public List<String> lines() {
        int[] widths = new int[header.size()];
        for (int i = 0; i < widths.length; i++) {
            widths[i] = width(header.get(i));
            for (List<String> row : rows) {
                widths[i] = Math.max(widths[i], width(row.get(i)));
            }
        }
        List<String> lines = new ArrayList<>(rows.size() + 2);
        lines.add(line(header, widths));
        List<String> rule = new ArrayList<>(widths.length);
        for (int width : widths) {
            rule.add("─".repeat(width));
        }
        lines.add(line(rule, widths));
        rows.forEach(row -> lines.add(line(row, widths)));
        return lines;
    }

    @Override
    public String toString() {
        return String.join("\n", lines());
    }

    private String line(List<String> cells, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            String blanks = " ".repeat(widths[i] - width(cells.get(i)));
            boolean toTheRight = right[i] && !rows.isEmpty();
            line.append(i == 0 ? "" : GAP)
                    .append(toTheRight ? blanks : "")
                    .append(cells.get(i))
                    .append(toTheRight ? "" : blanks);
        }
        return line.toString().stripTrailing();
    }

    private static String cell(@Nullable Object value, int limit) {
        if (value == null) {
            return NULL;
        }
        String text = value.toString()
                .codePoints()
                .map(c -> Character.isISOControl(c) ? ' ' : c)
                .mapToObj(Character::toString)
                .collect(Collectors.joining());
        return width(text) <= limit ? text : text.substring(0, text.offsetByCodePoints(0, limit - 1)) + "…";
    }

    private static int width(String text) {
        return text.codePointCount(0, text.length());
    }
}
