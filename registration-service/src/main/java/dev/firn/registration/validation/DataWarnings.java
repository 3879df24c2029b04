package dev.firn.registration.validation;

import dev.firn.events.RegistrationRequest;
import dev.firn.events.ResolvedColumn;
import dev.firn.events.Violation;
import dev.firn.lake.catalog.LakeTable;
import dev.firn.registration.validation.TrinoTable.RowCounts;
import dev.firn.registration.validation.TrinoTable.RowSample;
import dev.firn.schemas.Code;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotSummary;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.TypeUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Warns about data that is allowed but probably not intended.
///
/// Reads the metrics of at most [#MAX_FILES] files, and makes one query that is bounded in rows and time.
/// Warnings never fail a registration: without metrics or an answer there are fewer of them.
final class DataWarnings {
    static final int MAX_FILES = 1_000;
    private static final Logger LOG = LoggerFactory.getLogger(DataWarnings.class);

    private final TrinoTable trino;
    private final long maxRows;
    private final Duration limit;
    private final RecentAnswers<RowSample, RowCounts> recent;

    /// @param maxRows rows that the query reads at most
    /// @param limit of the query; zero to make no query
    DataWarnings(TrinoTable trino, long maxRows, Duration limit, RecentAnswers<RowSample, RowCounts> recent) {
        this.trino = trino;
        this.maxRows = maxRows;
        this.limit = limit;
        this.recent = recent;
    }

    List<Violation> of(RegistrationRequest request, Resolution resolution, LakeTable table) {
        List<Violation> warnings = new ArrayList<>();
        if (resolution.entities().isEmpty()) {
            warnings.add(Code.NO_ENTITIES.violation(
                    "entities", "the view has no entities, so all rows of its table are one group"));
        }
        ResolvedColumn timestamp = resolution.source().getTimestamp();
        if (timestamp.getType().equals("date") && request.getAvailableAfterMicros() == 0) {
            warnings.add(Code.DATE_WITHOUT_DELAY.violation(
                    "available_after_micros",
                    "'%s' is a date: a day's rows become visible at midnight, before the day is over"
                            .formatted(timestamp.getColumn())));
        }
        Long snapshotId = resolution.source().getSnapshotId();
        if (snapshotId == null) {
            return warnings;
        }
        try {
            warnings.addAll(fromMetrics(resolution, table, snapshotId));
        } catch (RuntimeException e) {
            LOG.atWarn()
                    .addKeyValue("table", table.name())
                    .addKeyValue("fault", e.toString())
                    .log("cannot read the metrics of the table's files; registering without warnings from them");
        }
        if (!limit.isZero()) {
            warnings.addAll(fromRows(resolution, table, snapshotId));
        }
        return warnings;
    }

    private static List<Violation> fromMetrics(Resolution resolution, LakeTable table, long snapshotId) {
        long[] nullKeys = new long[resolution.entities().size()];
        long nullTimestamps = 0;
        boolean isParquetOnly = true;
        int files = 0;
        try (CloseableIterable<FileScanTask> tasks = table.iceberg()
                .newScan()
                .useSnapshot(snapshotId)
                .includeColumnStats()
                .planFiles()) {
            for (FileScanTask task : tasks) {
                if (++files > MAX_FILES) {
                    break;
                }
                DataFile file = task.file();
                isParquetOnly &= file.format() == FileFormat.PARQUET;
                for (int key = 0; key < nullKeys.length; key++) {
                    nullKeys[key] += nulls(file, resolution.entities().get(key));
                }
                nullTimestamps += nulls(file, resolution.source().getTimestamp());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<Violation> warnings = new ArrayList<>();
        boolean isSampled = files > MAX_FILES;
        for (int key = 0; key < nullKeys.length; key++) {
            if (nullKeys[key] > 0) {
                String column = resolution.entities().get(key).getColumn();
                warnings.add(warning(
                        Code.NULL_KEYS,
                        "entities[%d]".formatted(key),
                        "%d rows have a null '%s'; they match nothing".formatted(nullKeys[key], column),
                        isSampled));
            }
        }
        if (nullTimestamps > 0) {
            warnings.add(warning(
                    Code.NULL_TIMESTAMPS,
                    "source.timestamp_field",
                    "%d rows have no timestamp; they are never found".formatted(nullTimestamps),
                    isSampled));
        }
        if (!isParquetOnly) {
            warnings.add(warning(
                    Code.NOT_PARQUET,
                    "source.table_name",
                    "the table has files that are not Parquet; retrievals will refuse it",
                    isSampled));
        }
        return warnings;
    }

    private static long nulls(DataFile file, ResolvedColumn column) {
        Map<Integer, Long> counts = file.nullValueCounts();
        Long count = counts == null ? null : counts.get(column.getFieldId());
        return count == null ? 0 : count;
    }

    private List<Violation> fromRows(Resolution resolution, LakeTable table, long snapshotId) {
        Optional<RowCounts> answer = counts(sample(resolution, table, snapshotId));
        if (answer.isEmpty() || answer.get().rows() == 0) {
            return List.of();
        }
        RowCounts counts = answer.get();
        List<Violation> warnings = new ArrayList<>();
        boolean isSampled = counts.rows() >= maxRows && totalRows(table, snapshotId) > maxRows;
        if (counts.future() > 0) {
            warnings.add(warning(
                    Code.FUTURE_TIMESTAMPS,
                    "source.timestamp_field",
                    "%d rows have a timestamp in the future".formatted(counts.future()),
                    isSampled));
        }
        if (counts.rows() > 1 && counts.rows() == counts.keys()) {
            warnings.add(warning(
                    Code.NO_HISTORY,
                    "source.table_name",
                    "the table has only one row per key; spine rows before that row find nothing",
                    isSampled));
        }
        if (counts.duplicates() > 0) {
            warnings.add(warning(
                    Code.DUPLICATE_ROWS,
                    "source.timestamp_field",
                    "%d rows have the same key and timestamp as another row".formatted(counts.duplicates()),
                    isSampled));
        }
        return warnings;
    }

    private RowSample sample(Resolution resolution, LakeTable table, long snapshotId) {
        ResolvedColumn timestamp = resolution.source().getTimestamp();
        Schema schema = table.schema(resolution.source().getRef());
        return new RowSample(
                table.name(),
                resolution.entities().stream()
                        .map(entity -> path(schema, entity.getFieldId()))
                        .toList(),
                path(schema, timestamp.getFieldId()),
                timestamp.getType(),
                resolution.source().getTimestampZone(),
                snapshotId,
                maxRows);
    }

    private static List<String> path(Schema schema, int fieldId) {
        Map<Integer, Integer> parents = TypeUtil.indexParents(schema.asStruct());
        List<String> path = new ArrayList<>();
        for (Integer id = fieldId; id != null; id = parents.get(id)) {
            path.addFirst(schema.findField(id).name());
        }
        return path;
    }

    private Optional<RowCounts> counts(RowSample sample) {
        RowCounts known = recent.get(sample);
        if (known != null) {
            return Optional.of(known);
        }
        try {
            RowCounts counts = trino.count(sample, limit);
            recent.put(sample, counts);
            return Optional.of(counts);
        } catch (TrinoClient.TrinoAwayException | TrinoClient.TrinoRefusedException e) {
            LOG.atInfo()
                    .addKeyValue("table", sample.table())
                    .addKeyValue("reason", e.getMessage())
                    .log("cannot count rows; registering without warnings from them");
            return Optional.empty();
        }
    }

    private static long totalRows(LakeTable table, long snapshotId) {
        Snapshot snapshot = table.iceberg().snapshot(snapshotId);
        String total = snapshot == null ? null : snapshot.summary().get(SnapshotSummary.TOTAL_RECORDS_PROP);
        return total == null ? Long.MAX_VALUE : Long.parseLong(total);
    }

    private static Violation warning(Code code, String field, String message, boolean isSampled) {
        return isSampled ? code.sampledWarning(field, message) : code.violation(field, message);
    }
}
