package dev.firn.cli.render;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Rows as aligned text: a header, a line, then the rows. Numbers are right-aligned.
///
/// On a terminal, a table that is too wide is made to fit: a last column that is to be kept whole goes to lines
/// of its own, then the widest columns of text end in ellipses, but never the first one, which names the row.
/// Elsewhere nothing is cut, because programs read it.
///
/// Not thread-safe.
public final class TextTable {
    /// Values of features may be of any length.
    static final int MAX_VALUE_WIDTH = 60;

    /// Columns are not cut below this, or below their header.
    private static final int MIN_CUT_WIDTH = 8;

    private static final String NULL = "null";
    private static final String GAP = "  ";
    private static final String INDENTATION = "    ";

    private final List<String> header;
    private final List<List<String>> rows = new ArrayList<>();
    private final boolean[] right;
    private boolean wholeLast;
    private int cellLimit = Integer.MAX_VALUE;

    public TextTable(List<String> header) {
        this.header = header.stream().map(TextTable::printable).toList();
        this.right = new boolean[header.size()];
        Arrays.fill(right, true);
    }

    public TextTable(String... header) {
        this(List.of(header));
    }

    /// Never cuts the last column: for values that people copy, such as locations.
    public TextTable keepLastColumnWhole() {
        wholeLast = true;
        return this;
    }

    /// Cuts long cells everywhere: for values of unknown length.
    public TextTable cutLongValues() {
        cellLimit = MAX_VALUE_WIDTH;
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
            right[i] &= value == null || value instanceof Number || value.equals("");
            cells.add(value == null ? NULL : printable(value.toString()));
        }
        rows.add(cells);
        return this;
    }

    public TextTable row(@Nullable Object... values) {
        return row(Arrays.asList(values));
    }

    public boolean isEmpty() {
        return rows.isEmpty();
    }

    /// The table's lines, without trailing blanks, however wide.
    public List<String> lines() {
        return lines(Integer.MAX_VALUE);
    }

    /// The same, made to fit where that is possible.
    ///
    /// @param maxWidth columns of the terminal
    public List<String> lines(int maxWidth) {
        int[] widths = widths(header.size());
        boolean splits = wholeLast && header.size() > 2 && total(widths) > maxWidth;
        if (splits) {
            widths = Arrays.copyOf(widths, widths.length - 1);
        }
        fit(widths, maxWidth);
        List<String> lines = new ArrayList<>(rows.size() + 2);
        lines.add(line(header, widths));
        lines.add(Arrays.stream(widths).mapToObj("─"::repeat).collect(Collectors.joining(GAP)));
        for (List<String> row : rows) {
            lines.add(line(row, widths));
            if (splits && !row.getLast().isEmpty()) {
                wrapped(row.getLast(), maxWidth - INDENTATION.length()).forEach(part -> lines.add(INDENTATION + part));
            }
        }
        return lines;
    }

    @Override
    public String toString() {
        return String.join("\n", lines());
    }

    private int[] widths(int columns) {
        int[] widths = new int[columns];
        for (int i = 0; i < columns; i++) {
            int limit = wholeLast && i == columns - 1 ? Integer.MAX_VALUE : cellLimit;
            widths[i] = width(header.get(i));
            for (List<String> row : rows) {
                widths[i] = Math.max(widths[i], Math.min(limit, width(row.get(i))));
            }
        }
        return widths;
    }

    private static int total(int[] widths) {
        return Arrays.stream(widths).sum() + GAP.length() * (widths.length - 1);
    }

    /// Takes from the widest column of text first. A table of very many columns remains too wide.
    private void fit(int[] widths, int maxWidth) {
        int excess = total(widths) - maxWidth;
        while (excess > 0) {
            int widest = -1;
            for (int i = 0; i < widths.length; i++) {
                if (isCuttable(i, widths[i]) && (widest < 0 || widths[i] > widths[widest])) {
                    widest = i;
                }
            }
            if (widest < 0) {
                return;
            }
            widths[widest]--;
            excess--;
        }
    }

    private boolean isCuttable(int column, int width) {
        boolean keptWhole = wholeLast && column == header.size() - 1;
        boolean isText = !right[column] || rows.isEmpty();
        return column > 0 && isText && !keptWhole && width > Math.max(MIN_CUT_WIDTH, width(header.get(column)));
    }

    private String line(List<String> cells, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            String cell = cut(cells.get(i), widths[i]);
            String blanks = " ".repeat(widths[i] - width(cell));
            boolean toTheRight = right[i] && !rows.isEmpty();
            line.append(i == 0 ? "" : GAP)
                    .append(toTheRight ? blanks : "")
                    .append(cell)
                    .append(toTheRight ? "" : blanks);
        }
        return line.toString().stripTrailing();
    }

    /// Breaks text between words. A word is never broken.
    private static List<String> wrapped(String text, int width) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : text.split(" ", -1)) {
            if (!line.isEmpty() && width(line.toString()) + 1 + width(word) > width) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(word);
        }
        lines.add(line.toString());
        return lines;
    }

    private static String printable(String text) {
        return text.codePoints()
                .map(c -> Character.isISOControl(c) ? ' ' : c)
                .mapToObj(Character::toString)
                .collect(Collectors.joining());
    }

    private static String cut(String text, int limit) {
        return width(text) <= limit ? text : text.substring(0, text.offsetByCodePoints(0, limit - 1)) + "…";
    }

    private static int width(String text) {
        return text.codePointCount(0, text.length());
    }
}
