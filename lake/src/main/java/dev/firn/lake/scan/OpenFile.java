package dev.firn.lake.scan;

import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.catalog.PinnedTable;
import dev.firn.lake.parquet.FileColumn;
import dev.firn.lake.parquet.FileSchema;
import dev.firn.lake.parquet.ParquetFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.iceberg.PartitionField;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.mapping.NameMapping;
import org.apache.iceberg.mapping.NameMappingParser;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types.NestedField;

/// A planned file with its footer: decides where each field's values come from (docs/semantics.md rule 13).
final class OpenFile implements AutoCloseable {
    private final PlannedFile planned;
    private final ParquetFile parquet;
    private final FileSchema schema;
    private final PinnedTable table;

    private OpenFile(PlannedFile planned, ParquetFile parquet, FileSchema schema, PinnedTable table) {
        this.planned = planned;
        this.parquet = parquet;
        this.schema = schema;
        this.table = table;
    }

    static OpenFile open(PinnedTable table, PlannedFile planned, ScanPlan plan) {
        ParquetFile parquet = plan.footers().open(table, planned, plan);
        try {
            return of(table, planned, parquet);
        } catch (RuntimeException e) {
            parquet.close();
            throw e;
        }
    }

    /// A file that is open already.
    static OpenFile of(PinnedTable table, PlannedFile planned, ParquetFile parquet) {
        FileSchema schema = FileSchema.of(parquet, mapping(table))
                .orElseThrow(() -> new LakeRejection(
                        LakeCode.UNSUPPORTED_TABLE,
                        "[%s] has no field ids, and table %s has no name mapping (property %s)"
                                .formatted(
                                        planned.location(),
                                        table.pin().table(),
                                        TableProperties.DEFAULT_NAME_MAPPING)));
        return new OpenFile(planned, parquet, schema, table);
    }

    private static Optional<NameMapping> mapping(PinnedTable table) {
        return Optional.ofNullable(table.iceberg().properties().get(TableProperties.DEFAULT_NAME_MAPPING))
                .map(NameMappingParser::fromJson);
    }

    PlannedFile planned() {
        return planned;
    }

    ParquetFile parquet() {
        return parquet;
    }

    /// In this order: the file's own column, its identity partition value, the column that a name mapping finds,
    /// the initial default, null.
    FileColumn bind(NestedField field) {
        List<Integer> structs = structs(field);
        Optional<FileColumn> inFile = schema.find(field, structs);
        if (inFile.isPresent() && !schema.isMapped()) {
            return inFile.get();
        }
        for (int i = 0; i < planned.partition().spec().fields().size(); i++) {
            PartitionField partition = planned.partition().spec().fields().get(i);
            if (partition.sourceId() == field.fieldId() && partition.transform().isIdentity()) {
                return new FileColumn.Constant(
                        field, planned.partition().values().get(i, Object.class));
            }
        }
        if (inFile.isPresent()) {
            return inFile.get();
        }
        // within a struct, the default would also stand for rows whose struct is null
        if (field.initialDefault() != null && (!field.type().isPrimitiveType() || !structs.isEmpty())) {
            throw new LakeRejection(
                    LakeCode.UNSUPPORTED_TABLE,
                    "[%s] lacks %s, whose default of type %s is not supported"
                            .formatted(planned.location(), field.name(), field.type()));
        }
        return new FileColumn.Constant(field, field.initialDefault());
    }

    /// The structs that hold the field, from the outermost; empty for a column, and for a field that was dropped.
    private List<Integer> structs(NestedField field) {
        if (table.schema().asStruct().field(field.fieldId()) != null) {
            return List.of();
        }
        Map<Integer, Integer> parents = TypeUtil.indexParents(table.schema().asStruct());
        List<Integer> structs = new ArrayList<>();
        for (Integer id = parents.get(field.fieldId()); id != null; id = parents.get(id)) {
            structs.addFirst(id);
        }
        return structs;
    }

    @Override
    public void close() {
        parquet.close();
    }
}
