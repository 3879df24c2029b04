package dev.firn.lake.scan;

import dev.firn.lake.LakeRejection;
import dev.firn.lake.catalog.PinnedTable;
import dev.firn.lake.parquet.FileColumn;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableUtil;
import org.apache.iceberg.types.Types.NestedField;

/// Looks at an Iceberg table as a scan does, and tells what it finds. Reads the manifests of the snapshot, and the
/// footers and indexes of a few files.
public final class TableInspection {
    private static final RowQuestion ANY_ROW =
            new RowQuestion(new FeatureColumns(List.of(-1), -1, null, null), ScanBounds.NONE);

    private final PinnedTable table;
    private final InspectionRequest request;

    private TableInspection(PinnedTable table, InspectionRequest request) {
        this.table = table;
        this.request = request;
    }

    /// Throws what reading manifests throws, and [InvalidQuestionException]. What a scan refuses is part of the report.
    ///
    /// @param maxFiles how many files to look into
    public static TableReport of(PinnedTable table, InspectionRequest request, int maxFiles) {
        return new TableInspection(table, request).report(maxFiles);
    }

    private TableReport report(int maxFiles) {
        RowQuestion question = request.looksForRows() ? RowQuestion.of(table.schema(), request) : ANY_ROW;
        List<FileReport> files = new ArrayList<>();
        List<FileReport.Refusal> refused = new ArrayList<>();
        Map<SkipReason, Skipped> lookup = new EnumMap<>(SkipReason.class);
        long toRead = 0;
        try (ScanPlan plan = new ScanPlanner().plan(table, question.columns(), question.bounds())) {
            toRead = plan.files();
            lookup.putAll(plan.counts().skipped());
            for (PlannedFile planned : plan.plannedFiles().subList(0, Math.min(maxFiles, plan.files()))) {
                try {
                    FileReport file = file(planned);
                    file.lookup().forEach((reason, skipped) -> lookup.merge(reason, skipped, Skipped::plus));
                    files.add(file);
                } catch (LakeRejection e) {
                    refused.add(new FileReport.Refusal("", e.code(), String.valueOf(e.getMessage())));
                }
            }
        } catch (LakeRejection e) {
            refused.add(new FileReport.Refusal("", e.code(), String.valueOf(e.getMessage())));
        }
        Table iceberg = table.iceberg();
        return new TableReport(
                table.pin().table().toString(),
                iceberg.location(),
                TableUtil.formatVersion(iceberg),
                snapshot(),
                iceberg.spec().isUnpartitioned() ? "unpartitioned" : spec(iceberg),
                columns(),
                files(true),
                files(false),
                toRead,
                lookup,
                files,
                refused);
    }

    private static String spec(Table iceberg) {
        List<String> fields = iceberg.spec().fields().stream()
                .map(field ->
                        "%s of %s".formatted(field.transform(), iceberg.schema().findColumnName(field.sourceId())))
                .toList();
        return String.join(", ", fields);
    }

    private List<TableReport.Column> columns() {
        return table.schema().columns().stream()
                .map(field -> new TableReport.Column(
                        field.fieldId(), field.name(), field.type().toString()))
                .toList();
    }

    private TableReport.@org.jspecify.annotations.Nullable Snapshot snapshot() {
        Long id = table.pin().snapshotId();
        Snapshot found = id == null ? null : table.iceberg().snapshot(id);
        return found == null
                ? null
                : new TableReport.Snapshot(
                        found.snapshotId(),
                        found.timestampMillis(),
                        String.valueOf(found.operation()),
                        new LinkedHashMap<>(found.summary()));
    }

    private long files(boolean ofData) {
        Long id = table.pin().snapshotId();
        if (id == null) {
            return 0;
        }
        Snapshot snapshot = table.iceberg().snapshot(id);
        long files = 0;
        for (ManifestFile manifest :
                ofData ? snapshot.dataManifests(table.io()) : snapshot.deleteManifests(table.io())) {
            files += ScanPlanner.orZero(manifest.addedFilesCount()) + ScanPlanner.orZero(manifest.existingFilesCount());
        }
        return files;
    }

    private FileReport file(PlannedFile planned) {
        return FileInspection.of(
                table.io().newInputFile(planned.location(), planned.bytes()),
                (where, fault) -> ReadFaults.of(table, where, fault),
                inspection -> {
                    OpenFile open = OpenFile.of(table, planned, inspection.file());
                    Map<String, FileColumn> columns = new LinkedHashMap<>();
                    for (NestedField field : fields()) {
                        inspection.guarded(field.name(), () -> columns.put(field.name(), open.bind(field)));
                    }
                    return inspection.report(columns, request);
                });
    }

    /// The table's columns, and fields within structs that the request names.
    private List<NestedField> fields() {
        List<NestedField> fields = new ArrayList<>(table.schema().columns());
        if (request.looksForRows()) {
            for (int id : RowQuestion.of(table.schema(), request).fieldIds()) {
                if (table.schema().asStruct().field(id) == null) {
                    NestedField field = table.schema().findField(id);
                    fields.add(NestedField.from(field)
                            .withName(table.schema().findColumnName(id))
                            .build());
                }
            }
        }
        return fields;
    }
}
