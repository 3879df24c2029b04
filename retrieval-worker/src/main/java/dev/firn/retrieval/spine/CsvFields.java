package dev.firn.retrieval.spine;

import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.CsvRecordHandler;
import de.siegmar.fastcsv.reader.FieldModifier;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Tells a field that is empty (null) from one that is quoted and empty (the empty string; docs/semantics.md rule 8).
///
/// A record of FastCSV does not say whether a field was quoted. So each quoted field keeps one quote in front. An
/// unquoted field cannot begin with a quote, which makes the mark unambiguous.
final class CsvFields {
    private static final char QUOTE = '"';

    private CsvFields() {}

    static CsvRecordHandler handler() {
        return CsvRecordHandler.of(handler -> handler.fieldModifier(new FieldModifier() {
            @Override
            public String modify(long line, int index, boolean isQuoted, String field) {
                return isQuoted ? QUOTE + field : field;
            }
        }));
    }

    /// The value of a field; null if it is empty and not quoted.
    static @Nullable String value(CsvRecord row, int index) {
        String field = row.getField(index);
        return field.isEmpty() ? null : text(field);
    }

    static boolean isEmptyLine(CsvRecord row) {
        return row.getFieldCount() == 1 && row.getField(0).isEmpty();
    }

    /// The texts of all fields, such as the names in a header.
    static List<String> texts(CsvRecord row) {
        return row.getFields().stream().map(CsvFields::text).toList();
    }

    private static String text(String field) {
        return !field.isEmpty() && field.charAt(0) == QUOTE ? field.substring(1) : field;
    }
}
