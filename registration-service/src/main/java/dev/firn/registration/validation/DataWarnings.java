package dev.firn.registration.validation;

import dev.firn.events.RegistrationRequest;
import dev.firn.events.ResolvedColumn;
import dev.firn.events.Violation;
import dev.firn.lake.catalog.LakeTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotSummary;
import org.apache.iceberg.io.CloseableIterable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What is allowed but probably not meant. Rests on the metrics of at most [#MAX_FILES] files and on one query bounded
/// in rows and time; a query that takes too long says nothing.
final class DataWarnings {
    static final int MAX_FILES = 1_000;
    private static final Logger LOG = LoggerFactory.getLogger(DataWarnings.class);

    private final TrinoTable trino;
    private final long maxRows;
    private final Duration limit;
    private final RecentAnswers<String, Counts> recent;

    /// @param limit of the query; zero: there is none
    DataWarnings(TrinoTable trino, long maxRows, Duration limit, RecentAnswers<String, Counts> recent) {
        this.recent = recent;
        this.trino = trino;
        this.maxRows = maxRows;
        this.limit = limit;
    }

    List<Violation> of(RegistrationRequest request, Resolution resolution, LakeTable table) {
        List<Violation> warnings = new ArrayList<>();
        ResolvedColumn timestamp = resolution.source().getTimestamp();
        if (timestamp.getType().equals("date") && request.getAvailableAfterMicros() == 0) {
            warnings.add(Findings.of(
                    "DATE_WITHOUT_DELAY",
                    "available_after_micros",
                    "'%s' is a date: a day's row is visible from that day's midnight on, before the day is over"
                            .formatted(timestamp.getColumn())));
        }
        Long snapshotId = resolution.source().getSnapshotId();
        if (snapshotId != null) {
            try {
                fromMetrics(resolution, table, snapshotId, warnings);
            } catch (RuntimeException e) {
                // a view is not refused because it cannot be warned of
                LOG.atWarn()
                        .addKeyValue("table", table.name())
                        .addKeyValue("fault", e.toString())
                        .log("the metrics of its files could not be read; registered without warnings from them");
            }
            if (!limit.isZero()) {
                fromRows(resolution, table, snapshotId, warnings);
            }
        }
        return warnings;
    }

    private static void fromMetrics(Resolution resolution, LakeTable table, long snapshotId, List<Violation> warnings) {
        long[] nullKeys = new long[resolution.entities().size()];
        long nullTimestamps = 0;
        boolean foreign = false;
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
                foreign |= file.format() != FileFormat.PARQUET;
                for (int key = 0; key < nullKeys.length; key++) {
                    nullKeys[key] += nulls(file, resolution.entities().get(key));
                }
                nullTimestamps += nulls(file, resolution.source().getTimestamp());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        boolean sampled = files > MAX_FILES;
        for (int key = 0; key < nullKeys.length; key++) {
            if (nullKeys[key] > 0) {
                warnings.add(finding(
                        "NULL_KEYS",
                        "entities[%d]".formatted(key),
                        "%d rows have a null '%s'; they match nothing"
                                .formatted(
                                        nullKeys[key],
                                        resolution.entities().get(key).getColumn()),
                        sampled));
            }
        }
        if (nullTimestamps > 0) {
            warnings.add(finding(
                    "NULL_TIMESTAMPS",
                    "source.timestamp_field",
                    "%d rows have no timestamp; they are never found".formatted(nullTimestamps),
                    sampled));
        }
        if (foreign) {
            warnings.add(finding(
                    "NOT_PARQUET",
                    "source.table_name",
                    "the table has files that are not Parquet; retrievals will refuse it",
                    sampled));
        }
    }

    private static long nulls(DataFile file, ResolvedColumn column) {
        Map<Integer, Long> counts = file.nullValueCounts();
        Long count = counts == null ? null : counts.get(column.getFieldId());
        return count == null ? 0 : count;
    }

    record Counts(long rows, long keys, long future, long duplicates) {}

    private void fromRows(Resolution resolution, LakeTable table, long snapshotId, List<Violation> warnings) {
        Counts counts = counted(resolution, snapshotId);
        if (counts == null || counts.rows() == 0) {
            return;
        }
        boolean sampled = counts.rows() >= maxRows && totalRows(table, snapshotId) > maxRows;
        if (counts.future() > 0) {
            warnings.add(finding(
                    "FUTURE_TIMESTAMPS",
                    "source.timestamp_field",
                    "%d rows lie in the future".formatted(counts.future()),
                    sampled));
        }
        if (counts.rows() > 1 && counts.rows() == counts.keys()) {
            warnings.add(finding(
                    "NO_HISTORY",
                    "source.table_name",
                    "the table has one row per key: spine rows older than it will find nothing",
                    sampled));
        }
        if (counts.duplicates() > 0) {
            warnings.add(finding(
                    "DUPLICATE_ROWS",
                    "source.timestamp_field",
                    "%d rows share key and timestamp with another".formatted(counts.duplicates()),
                    sampled));
        }
    }

    private @Nullable Counts counted(Resolution resolution, long snapshotId) {
        ResolvedColumn timestamp = resolution.source().getTimestamp();
        String time = TrinoTable.quoted(timestamp.getColumn());
        String keys = resolution.entities().stream()
                .map(key -> TrinoTable.quoted(key.getColumn()))
                .collect(Collectors.joining(", "));
        String sql = """
                SELECT coalesce(sum(n), 0), count(*), coalesce(sum(future), 0), coalesce(sum(timed - distinct_times), 0)
                FROM (SELECT %2$s, count(*) AS n, count(%1$s) AS timed, count(DISTINCT %1$s) AS distinct_times,
                        count_if(%1$s > %3$s) AS future
                      FROM (SELECT %2$s, %1$s FROM %4$s FOR VERSION AS OF %5$d LIMIT %6$d)
                      GROUP BY %2$s)""".formatted(time, keys, now(timestamp.getType()), trino.name(), snapshotId, maxRows);
        Counts known = recent.get(sql);
        if (known != null) {
            return known;
        }
        try {
            Counts counts = trino.client()
                    .query(
                            sql,
                            List.of(),
                            row -> new Counts(row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4)),
                            limit)
                    .getFirst();
            recent.put(sql, counts);
            return counts;
        } catch (TrinoClient.TrinoAwayException | TrinoClient.TrinoRefusedException e) {
            LOG.atInfo()
                    .addKeyValue("table", trino.name())
                    .addKeyValue("reason", e.getMessage())
                    .log("no warnings from rows");
            return null;
        }
    }

    private static String now(String icebergType) {
        return switch (icebergType) {
            case "date" -> "CAST(current_timestamp AT TIME ZONE 'UTC' AS date)";
            case "timestamp", "timestamp_ns" -> "CAST(current_timestamp AT TIME ZONE 'UTC' AS timestamp(6))";
            default -> "current_timestamp";
        };
    }

    private static long totalRows(LakeTable table, long snapshotId) {
        Snapshot snapshot = table.iceberg().snapshot(snapshotId);
        String total = snapshot == null ? null : snapshot.summary().get(SnapshotSummary.TOTAL_RECORDS_PROP);
        return total == null ? Long.MAX_VALUE : Long.parseLong(total);
    }

    private static Violation finding(String code, String field, String message, boolean sampled) {
        return sampled ? Findings.sampled(code, field, message) : Findings.of(code, field, message);
    }
}
