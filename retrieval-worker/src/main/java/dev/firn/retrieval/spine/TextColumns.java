package dev.firn.retrieval.spine;

import dev.firn.engine.ColumnBuilder;
import dev.firn.schemas.Code;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/// The columns of a spine that arrives as text: their types, and rows that are appended to them.
final class TextColumns {
    private final Schema schema;
    private final List<TextParser> parsers;

    private TextColumns(Schema schema, List<TextParser> parsers) {
        this.schema = schema;
        this.parsers = parsers;
    }

    /// Columns without a type are strings.
    static TextColumns of(List<String> names, Map<String, Type> types, ZoneId zone) {
        checkNames(names);
        List<Types.NestedField> fields = new ArrayList<>();
        List<TextParser> parsers = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            Type type = types.getOrDefault(names.get(i), Types.StringType.get());
            fields.add(Types.NestedField.optional(i + 1, names.get(i), type));
            parsers.add(new TextParser(type, zone));
        }
        return new TextColumns(new Schema(fields), parsers);
    }

    /// Names must be present and differ, compared without case.
    static void checkNames(List<String> names) {
        Set<String> seen = new HashSet<>();
        for (String name : names) {
            if (name.isEmpty()) {
                throw new SpineFault(
                        Code.SPINE_COLUMN_NOT_FOUND, "spine.columns", "A column of the spine has no name.");
            }
            if (!seen.add(name.toLowerCase(Locale.ROOT))) {
                throw new SpineFault(
                        Code.COLUMN_COLLISION,
                        "spine.columns",
                        "The spine has two columns named '%s'.".formatted(name));
            }
        }
    }

    Schema schema() {
        return schema;
    }

    Rows rows(int expected) {
        return new Rows(expected);
    }

    /// A chunk in progress.
    final class Rows {
        private final List<ColumnBuilder> builders = new ArrayList<>();
        private int rows;
        private long length;

        private Rows(int expected) {
            schema.columns().forEach(field -> builders.add(Columns.builder(field.type(), expected)));
        }

        int size() {
            return rows;
        }

        /// Characters of all values so far.
        long length() {
            return length;
        }

        void endRow() {
            rows++;
        }

        /// @param where the row's coordinates, for people
        void append(int column, @Nullable String text, Coordinates where) {
            ColumnBuilder builder = builders.get(column);
            if (text == null) {
                builder.appendNull();
                return;
            }
            length += text.length();
            try {
                parsers.get(column).append(text, builder);
            } catch (IllegalArgumentException e) {
                Types.NestedField field = schema.columns().get(column);
                throw new SpineFault(
                        Code.SPINE_VALUE_INVALID,
                        where.field(),
                        "[%s column %s] the value is not a valid %s: %s."
                                .formatted(where.text(), field.name(), field.type(), e.getMessage()),
                        e);
            }
        }

        RowChunk build() {
            return new RowChunk(Columns.built(builders, rows), rows);
        }
    }

    /// Where a row is.
    interface Coordinates {
        /// Path into the request.
        String field();

        String text();
    }
}
