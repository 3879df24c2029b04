package dev.firn.retrieval.spine;

import dev.firn.engine.Column;
import dev.firn.lake.parquet.ParquetSource;
import dev.firn.schemas.Code;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.iceberg.Schema;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/// Parquet files of any writer, one after the other. All files have the columns of the first one with the same types,
/// in any order.
final class ParquetRows implements FileRows {
    private static final int CHUNK_ROWS = 65_536;

    private final List<InputFile> files;
    private final List<String> names;
    private final Schema schema;
    private final List<String> kept;
    private int nextFile;
    private @Nullable ParquetSource source;
    private Iterator<RowChunk> chunks = Collections.emptyIterator();

    /// @param keep columns to keep; empty keeps all
    /// @param folders columns that folders name, which the files need not have
    ParquetRows(List<InputFile> files, List<String> keep, Set<String> folders) {
        this.files = List.copyOf(files);
        ParquetSource first = ParquetSource.open(files.getFirst(), names -> own(names, keep, folders));
        this.source = first;
        try {
            this.names = first.names();
            List<String> own = own(names, keep, folders);
            TextColumns.checkNames(own);
            this.schema = kept(first.schema(), names, own, files.getFirst().location());
        } catch (RuntimeException e) {
            first.close();
            throw e;
        }
        this.kept = schema.columns().stream().map(Types.NestedField::name).toList();
        this.nextFile = 1;
        this.chunks = chunks(first);
    }

    /// The columns to keep that are not of the folders.
    private static List<String> own(List<String> names, List<String> keep, Set<String> folders) {
        return keep.isEmpty()
                ? names
                : keep.stream()
                        .filter(name -> names.contains(name) || !folders.contains(name))
                        .toList();
    }

    /// If only columns of folders are kept, the chunks have rows and no columns, and nothing is read but the footer.
    private Iterator<RowChunk> chunks(ParquetSource file) {
        if (kept.isEmpty()) {
            return LongStream.iterate(file.rows(), left -> left > 0, left -> left - CHUNK_ROWS)
                    .mapToObj(left -> new RowChunk(List.of(), (int) Math.min(left, CHUNK_ROWS)))
                    .iterator();
        }
        Iterator<List<Column>> batches = file.batches(kept, CHUNK_ROWS);
        return Stream.generate(() -> batches)
                .takeWhile(Iterator::hasNext)
                .map(Iterator::next)
                .map(columns -> new RowChunk(columns, columns.getFirst().size()))
                .filter(chunk -> chunk.rows() > 0)
                .iterator();
    }

    /// @param names of all columns, those that `all` lacks included
    static Schema kept(Schema all, List<String> names, List<String> keep, String where) {
        if (keep.isEmpty()) {
            return all;
        }
        TextColumns.checkNames(keep);
        List<Types.NestedField> fields = new ArrayList<>();
        for (String name : keep) {
            Types.NestedField field = topLevel(all, name);
            if (field == null) {
                throw new SpineFault(
                        Code.SPINE_COLUMN_NOT_FOUND,
                        "spine.columns",
                        "[%s] there is no column '%s'; the columns are %s.".formatted(where, name, names));
            }
            fields.add(field);
        }
        return new Schema(fields);
    }

    static Types.@Nullable NestedField topLevel(Schema schema, String name) {
        return schema.columns().stream()
                .filter(field -> field.name().equals(name))
                .findFirst()
                .orElse(null);
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
    public int file() {
        return nextFile - 1;
    }

    @Override
    public Optional<RowChunk> next() {
        while (!chunks.hasNext()) {
            if (nextFile == files.size()) {
                return Optional.empty();
            }
            openNext();
        }
        return Optional.of(chunks.next());
    }

    private void openNext() {
        close();
        InputFile file = files.get(nextFile++);
        ParquetSource next = ParquetSource.open(file, _ -> kept);
        source = next;
        Map<String, Type> types = new HashMap<>();
        next.schema().columns().forEach(field -> types.put(field.name(), field.type()));
        for (Types.NestedField field : schema.columns()) {
            Type type = types.get(field.name());
            if (type == null || !sameType(type, field.type())) {
                throw new SpineFault(
                        Code.SPINE_FILES_DIFFER,
                        "spine.locations",
                        "[%s] column '%s' is %s, but %s in %s."
                                .formatted(
                                        file.location(),
                                        field.name(),
                                        type == null ? "missing" : type,
                                        field.type(),
                                        files.getFirst().location()));
            }
        }
        chunks = chunks(next);
    }

    /// Field ids within nested types differ from file to file and have no meaning.
    private static boolean sameType(Type one, Type other) {
        return one.isPrimitiveType() ? one.equals(other) : withPlainIds(one).equals(withPlainIds(other));
    }

    private static Type withPlainIds(Type type) {
        int[] next = {0};
        return TypeUtil.assignFreshIds(type, () -> ++next[0]);
    }

    @Override
    public void close() {
        if (source != null) {
            source.close();
            source = null;
        }
    }
}
