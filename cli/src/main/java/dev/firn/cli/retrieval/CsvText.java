package dev.firn.cli.retrieval;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.CsvRecordHandler;
import de.siegmar.fastcsv.reader.FieldModifier;
import dev.firn.cli.command.CommandContext;
import dev.firn.cli.command.CommandFailure;
import dev.firn.service.spine.EndedText;
import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;

/// A CSV that this process can read, with a header line. An empty field is null, a quoted one the empty string. Every
/// failure names it.
final class CsvText {
    /// Spreadsheets write it before UTF-8 text.
    private static final int BYTE_ORDER_MARK = '\uFEFF';

    /// A quoted field keeps one quote in front, because a record does not say which fields were quoted. An unquoted one
    /// cannot begin with a quote.
    private static final FieldModifier MARK_QUOTED = new FieldModifier() {
        @Override
        public String modify(long line, int index, boolean isQuoted, String field) {
            return isQuoted ? QUOTE + field : field;
        }
    };

    private static final String QUOTE = "\"";

    private final String name;
    private final Source source;

    /// Opens the text from its start.
    private interface Source {
        Reader open() throws IOException;
    }

    private CsvText(String name, Source source) {
        this.name = name;
        this.source = source;
    }

    static CsvText of(String name, String text) {
        return new CsvText(name, () -> new StringReader(text));
    }

    static CsvText of(Path file) {
        return new CsvText(file.toString(), () -> Files.newBufferedReader(file));
    }

    /// The values of one line, with null for empty ones.
    ///
    /// @param name of the line, for messages
    /// @throws CommandFailure if the text is not one line of CSV
    static List<String> values(String name, String text) {
        List<List<String>> lines = new ArrayList<>();
        of(name, text).read(row -> isEmptyLine(row) || lines.add(values(row)));
        if (lines.size() > 1) {
            throw CommandFailure.usage("%s: put a value with a line break into double quotes".formatted(name));
        }
        return lines.isEmpty() ? nothing() : lines.getFirst();
    }

    private static boolean isEmptyLine(CsvRecord row) {
        return row.getFieldCount() == 1 && row.getField(0).isEmpty();
    }

    @SuppressWarnings("NullAway") // an Avro list of nullable strings
    private static List<String> nothing() {
        return Collections.singletonList(null);
    }

    String name() {
        return name;
    }

    /// The columns.
    ///
    /// @throws CommandFailure if there is no header, or one with another separator than a comma
    List<String> header() {
        Header header = new Header();
        read(header);
        return header.columns();
    }

    /// Passes the rows after the header, with null for empty values, until `more` returns false. An empty line is a row
    /// if there is only one column.
    ///
    /// @throws CommandFailure if the text is not CSV
    void forEachRow(Predicate<List<String>> more) {
        read(new Predicate<>() {
            private int columns;

            @Override
            public boolean test(CsvRecord row) {
                if (columns == 0) {
                    columns = row.getFieldCount();
                    return true;
                }
                return (columns > 1 && isEmptyLine(row)) || more.test(values(row));
            }
        });
    }

    private void read(Predicate<CsvRecord> more) {
        CsvRecordHandler handler = CsvRecordHandler.of(fields -> fields.fieldModifier(MARK_QUOTED));
        try (Reader reader = new EndedText(withoutMark(source.open()));
                CsvReader<CsvRecord> csv = CsvReader.builder()
                        .skipEmptyLines(false)
                        .allowExtraFields(true)
                        .allowMissingFields(true)
                        .build(handler, reader)) {
            int columns = 0;
            for (Iterator<CsvRecord> rows = csv.iterator(); rows.hasNext(); ) {
                CsvRecord row = rows.next();
                if (!rows.hasNext()) {
                    requireEnd(row);
                    return;
                }
                if (!isEmptyLine(row)) {
                    columns = columns == 0 ? row.getFieldCount() : columns;
                    requireValues(columns, row);
                }
                if (columns > 0 && !more.test(row)) {
                    return;
                }
            }
        } catch (CsvParseException e) {
            Throwable reason = e.getCause() == null ? e : e.getCause();
            throw CommandFailure.usage("%s: %s (%s)".formatted(name, e.getMessage(), reason.getMessage()));
        } catch (NoSuchFileException e) {
            throw CommandFailure.usage("File not found: " + name);
        } catch (IOException e) {
            throw CommandFailure.usage("Cannot read %s: %s".formatted(name, CommandContext.reason(e)));
        }
    }

    private void requireValues(int columns, CsvRecord row) {
        if (row.getFieldCount() != columns) {
            throw CommandFailure.usage("%s line %d: the row has %d values for %d columns"
                    .formatted(name, row.getStartingLineNumber(), row.getFieldCount(), columns));
        }
    }

    private void requireEnd(CsvRecord row) {
        if (!EndedText.isEnd(row.getFields())) {
            throw CommandFailure.usage(
                    "%s line %d: the text ends within a quoted value; it is cut, or a quote is missing"
                            .formatted(name, row.getStartingLineNumber()));
        }
    }

    @SuppressWarnings("NullAway") // an Avro list of nullable strings
    private static List<String> values(CsvRecord row) {
        List<String> values = new ArrayList<>(row.getFields());
        values.replaceAll(field -> field.isEmpty() ? null : text(field));
        return values;
    }

    private static String text(String field) {
        return field.startsWith(QUOTE) ? field.substring(1) : field;
    }

    private static Reader withoutMark(Reader text) throws IOException {
        if (!text.markSupported()) {
            throw new IllegalArgumentException("the reader must support mark()");
        }
        text.mark(1);
        if (text.read() != BYTE_ORDER_MARK) {
            text.reset();
        }
        return text;
    }

    private final class Header implements Predicate<CsvRecord> {
        private List<String> columns = List.of();

        @Override
        public boolean test(CsvRecord first) {
            columns = first.getFields().stream().map(CsvText::text).toList();
            return false;
        }

        List<String> columns() {
            if (columns.isEmpty()) {
                throw CommandFailure.usage("%s is empty. Its first line must name the columns".formatted(name));
            }
            if (columns.size() == 1 && columns.getFirst().matches(".*[;\t].*")) {
                throw CommandFailure.usage("%s: columns must be separated by commas, but the first line is '%s'"
                        .formatted(name, columns.getFirst()));
            }
            return columns;
        }
    }
}
