package dev.firn.lake.scan;

import dev.firn.lake.LakeRejection;
import dev.firn.lake.parquet.ColumnChunks;
import dev.firn.lake.parquet.FileColumn;
import dev.firn.lake.parquet.ParquetFile;
import dev.firn.lake.parquet.ParquetSource;
import dev.firn.lake.parquet.ReadBuffers;
import dev.firn.lake.parquet.RowRanges;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.apache.iceberg.Schema;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.jspecify.annotations.Nullable;

/// Looks at a Parquet file as a read does, and tells what it finds. For one thread.
public final class FileInspection {
    private final ParquetFile file;
    private final Found found;
    private final Faults faults;
    private final List<FileReport.Refusal> refused = new ArrayList<>();

    /// What a request is answered with if reading fails.
    interface Faults {
        RuntimeException of(String where, RuntimeException fault);
    }

    private FileInspection(ParquetFile file, Found found, Faults faults) {
        this.file = file;
        this.found = found;
        this.faults = faults;
    }

    /// A file that belongs to no table, as a spine would be read. Throws what reading a spine throws, and
    /// [InvalidQuestionException].
    public static FileReport of(InputFile input, InspectionRequest request) {
        return of(input, ParquetSource::fault, inspection -> {
            Map<String, FileColumn> columns = new LinkedHashMap<>();
            for (String name : inspection.file.columnNames()) {
                inspection.guarded(name, () -> columns.put(name, inspection.file.column(name)));
            }
            return inspection.report(columns, request);
        });
    }

    static FileReport of(InputFile input, Faults faults, Function<FileInspection, FileReport> report) {
        Found found = new Found();
        try (ParquetFile file = ParquetFile.open(input, new LongAdder(), found::add)) {
            return report.apply(new FileInspection(file, found, faults));
        } catch (InvalidQuestionException e) {
            throw e;
        } catch (RuntimeException e) {
            throw faults.of(input.location(), e);
        }
    }

    /// What is distrusted, each once, with the row group that is looked at.
    private static final class Found {
        private final Set<String> all = new LinkedHashSet<>();
        private int rowGroup = -1;

        void add(String what) {
            all.add(rowGroup < 0 ? what : "row group %d: %s".formatted(rowGroup, what));
        }
    }

    ParquetFile file() {
        return file;
    }

    /// Does something with a column, and notes what is refused of it.
    void guarded(String column, Runnable action) {
        try {
            action.run();
        } catch (RuntimeException e) {
            RuntimeException fault = faults.of(file.location(), e);
            if (!(fault instanceof LakeRejection rejection)) {
                throw fault;
            }
            if (refused.stream().noneMatch(known -> known.column().equals(column))) {
                refused.add(new FileReport.Refusal(column, rejection.code(), String.valueOf(rejection.getMessage())));
            }
        }
    }

    /// @param columns the source of each column by name
    FileReport report(Map<String, FileColumn> columns, InspectionRequest request) {
        try (ReadBuffers buffers = new ReadBuffers()) {
            IndexCheck check = new IndexCheck(file, buffers, found::add);
            for (int g = 0; g < file.rowGroups().size(); g++) {
                int group = g;
                found.rowGroup = g;
                columns.forEach((name, column) -> guarded(name, () -> check(check, group, column, request)));
            }
            RowQuestion question = request.looksForRows() ? RowQuestion.of(schema(columns), request) : null;
            SkipCounts skips = new SkipCounts();
            List<FileReport.RowGroup> groups = groups(question, columns, skips, buffers);
            return new FileReport(
                    file.location(),
                    file.bytes(),
                    file.writer(),
                    file.formatVersion(),
                    groups,
                    columns(),
                    List.copyOf(found.all),
                    refused,
                    skips.byReason());
        }
    }

    private static void check(IndexCheck check, int group, FileColumn column, InspectionRequest request) {
        if (column instanceof FileColumn.Leaf leaf) {
            check.parts(group, leaf);
        }
        if (request.allValues()) {
            check.values(group, column);
        }
    }

    /// Without structs that have a field listed by its full name: a schema has each name once.
    private static Schema schema(Map<String, FileColumn> columns) {
        List<NestedField> fields = new ArrayList<>();
        columns.forEach((name, column) -> {
            if (columns.keySet().stream().noneMatch(other -> other.startsWith(name + "."))) {
                fields.add(NestedField.from(column.field()).withName(name).build());
            }
        });
        return new Schema(fields);
    }

    private List<FileReport.RowGroup> groups(
            @Nullable RowQuestion question, Map<String, FileColumn> columns, SkipCounts skips, ReadBuffers buffers) {
        List<FileReport.RowGroup> groups = new ArrayList<>();
        RowGroupFilter filter = question == null ? null : filter(question, columns, skips);
        for (int g = 0; g < file.rowGroups().size(); g++) {
            found.rowGroup = g;
            BlockMetaData group = file.rowGroups().get(g);
            RowRanges wanted = filter == null
                    ? RowRanges.all(group.getRowCount())
                    : filter.mightMatch(group) ? filter.rows(file, g, buffers) : RowRanges.all(0);
            groups.add(new FileReport.RowGroup(group.getRowCount(), group.getCompressedSize(), wanted.rows()));
        }
        return groups;
    }

    private static RowGroupFilter filter(RowQuestion question, Map<String, FileColumn> columns, SkipCounts skips) {
        Map<Integer, FileColumn> bound = new HashMap<>();
        columns.values().forEach(column -> bound.put(column.field().fieldId(), column));
        BoundsCheck check = new BoundsCheck(schema(columns), question.columns(), question.bounds());
        return new RowGroupFilter(check, question.columns(), bound, skips);
    }

    private List<FileReport.Column> columns() {
        List<FileReport.Column> reports = new ArrayList<>();
        for (ColumnDescriptor column : file.storedSchema().getColumns()) {
            reports.add(column(column));
        }
        return reports;
    }

    private FileReport.Column column(ColumnDescriptor column) {
        TreeSet<String> encodings = new TreeSet<>();
        TreeSet<String> codecs = new TreeSet<>();
        Map<FileReport.Part, Integer> parts = new EnumMap<>(FileReport.Part.class);
        long bytes = 0;
        long unpacked = 0;
        long nulls = 0;
        for (BlockMetaData group : file.rowGroups()) {
            ColumnChunkMetaData chunk = ColumnChunks.readable(group, column.getPath());
            if (chunk == null) {
                continue;
            }
            chunk.getEncodings().forEach(encoding -> encodings.add(encoding.name()));
            codecs.add(chunk.getCodec().name());
            bytes += chunk.getTotalSize();
            unpacked += chunk.getTotalUncompressedSize();
            boolean counts =
                    chunk.getStatistics() != null && chunk.getStatistics().isNumNullsSet();
            nulls = !counts || nulls < 0 ? -1 : nulls + chunk.getStatistics().getNumNulls();
            count(parts, FileReport.Part.STATISTICS, counts || hasBounds(chunk));
            count(parts, FileReport.Part.COLUMN_INDEX, chunk.getColumnIndexReference() != null);
            count(parts, FileReport.Part.OFFSET_INDEX, chunk.getOffsetIndexReference() != null);
            count(parts, FileReport.Part.BLOOM_FILTER, chunk.getBloomFilterOffset() >= 0);
            count(parts, FileReport.Part.DICTIONARY, chunk.hasDictionaryPage());
        }
        return new FileReport.Column(
                String.join(".", column.getPath()), type(column), encodings, codecs, bytes, unpacked, nulls, parts);
    }

    private static boolean hasBounds(ColumnChunkMetaData chunk) {
        return chunk.getStatistics() != null && chunk.getStatistics().hasNonNullValue();
    }

    private static void count(Map<FileReport.Part, Integer> parts, FileReport.Part part, boolean present) {
        if (present) {
            parts.merge(part, 1, Integer::sum);
        }
    }

    /// `INT64 TIMESTAMP(MICROS,true)`.
    private static String type(ColumnDescriptor column) {
        String physical = column.getPrimitiveType().getPrimitiveTypeName().name();
        int length = column.getPrimitiveType().getTypeLength();
        String sized = length > 0 ? "%s(%d)".formatted(physical, length) : physical;
        return column.getPrimitiveType().getLogicalTypeAnnotation() == null
                ? sized
                : "%s %s".formatted(sized, column.getPrimitiveType().getLogicalTypeAnnotation());
    }
}
