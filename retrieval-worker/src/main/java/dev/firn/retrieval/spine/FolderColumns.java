package dev.firn.retrieval.spine;

import dev.firn.engine.Column;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/// Files, with the columns that only their folders name ([HiveFolders]). A column that the files have is theirs. Its
/// values are text: they have the types that such a column of a CSV file would have. A file whose folders do not name
/// a column has nulls there.
final class FolderColumns implements SpineRows {
    private final FileRows files;
    private final List<String> names;
    private final Schema schema;
    /// For each column of the schema, its index in a chunk of the files; negative: `-1 - index` in [#values].
    private final int[] sources;
    /// For each column of folders, one row per file.
    private final List<Column> values;

    private FolderColumns(FileRows files, List<String> names, Schema schema, int[] sources, List<Column> values) {
        this.files = files;
        this.names = names;
        this.schema = schema;
        this.sources = sources;
        this.values = values;
    }

    /// All columns that the folders of these files name.
    static Set<String> names(List<SpineFile> files) {
        Set<String> names = new LinkedHashSet<>();
        files.forEach(file -> names.addAll(file.folders().keySet()));
        return names;
    }

    /// @param rows of the files, with those of the kept columns that they have
    /// @param keep columns to keep; empty keeps all
    /// @param types of the columns; others are strings
    static SpineRows added(
            FileRows rows, List<SpineFile> files, List<String> keep, Map<String, Type> types, ZoneId zone) {
        Set<String> ofFolders = names(files);
        if (ofFolders.isEmpty()) {
            return rows;
        }
        try {
            List<String> inFiles =
                    rows.schema().columns().stream().map(NestedField::name).toList();
            List<String> added = ofFolders.stream()
                    .filter(name -> !inFiles.contains(name) && (keep.isEmpty() || keep.contains(name)))
                    .toList();
            TextColumns texts = TextColumns.of(added, types, zone);
            List<String> all = new ArrayList<>(inFiles);
            all.addAll(added);
            List<String> out = keep.isEmpty() ? all : keep;
            TextColumns.checkNames(out);
            return new FolderColumns(
                    rows,
                    Stream.concat(rows.names().stream(), ofFolders.stream())
                            .distinct()
                            .toList(),
                    schema(rows.schema(), texts.schema(), out),
                    sources(out, inFiles, added),
                    values(texts, files));
        } catch (RuntimeException e) {
            rows.close();
            throw e;
        }
    }

    private static Schema schema(Schema files, Schema folders, List<String> out) {
        int highest = files.highestFieldId();
        List<NestedField> fields = new ArrayList<>();
        for (String name : out) {
            NestedField own = ParquetRows.topLevel(files, name);
            if (own != null) {
                fields.add(own);
            } else {
                NestedField added = folders.findField(name);
                fields.add(NestedField.optional(highest + added.fieldId(), name, added.type()));
            }
        }
        return new Schema(fields);
    }

    private static int[] sources(List<String> out, List<String> inFiles, List<String> added) {
        return out.stream()
                .mapToInt(name -> inFiles.contains(name) ? inFiles.indexOf(name) : -1 - added.indexOf(name))
                .toArray();
    }

    private static List<Column> values(TextColumns texts, List<SpineFile> files) {
        TextColumns.Rows rows = texts.rows(files.size());
        for (SpineFile file : files) {
            List<NestedField> columns = texts.schema().columns();
            for (int i = 0; i < columns.size(); i++) {
                @Nullable String text = file.folders().get(columns.get(i).name());
                rows.append(i, text, new Folder(file.input().location()));
            }
            rows.endRow();
        }
        return rows.build().columns();
    }

    @Override
    public Schema schema() {
        return schema;
    }

    @Override
    public List<String> names() {
        return names;
    }

    @Override
    public Optional<RowChunk> next() {
        return files.next().map(chunk -> {
            int[] file = new int[chunk.rows()];
            Arrays.fill(file, files.file());
            List<Column> columns = new ArrayList<>();
            for (int source : sources) {
                columns.add(
                        source >= 0
                                ? chunk.columns().get(source)
                                : values.get(-1 - source).take(file));
            }
            return new RowChunk(columns, chunk.rows());
        });
    }

    @Override
    public void close() {
        files.close();
    }

    private record Folder(String text) implements TextColumns.Coordinates {
        @Override
        public String field() {
            return "spine.locations";
        }
    }
}
