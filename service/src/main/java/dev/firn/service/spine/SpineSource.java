package dev.firn.service.spine;

import dev.firn.events.Spine;
import dev.firn.schemas.Code;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Where the spine's rows come from: each kind of spine with what it needs, decoded once from the event by [#of].
/// Switches over it are exhaustive, so a new kind does not compile until each of them handles it.
public sealed interface SpineSource {
    /// Parquet files.
    ///
    /// @param locations files, or folders that end with a slash; at least one
    /// @param columns to keep; empty: all
    record ParquetFiles(List<String> locations, List<String> columns) implements SpineSource {
        public ParquetFiles {
            locations = List.copyOf(locations);
            columns = List.copyOf(columns);
        }
    }

    /// CSV files.
    ///
    /// @param locations files, or folders that end with a slash; at least one
    /// @param columns to keep; empty: all
    record CsvFiles(List<String> locations, List<String> columns) implements SpineSource {
        public CsvFiles {
            locations = List.copyOf(locations);
            columns = List.copyOf(columns);
        }
    }

    /// An Iceberg table.
    ///
    /// @param table `catalog.schema.table`
    /// @param snapshotId null: the one that the ref points to
    /// @param ref null: the main branch
    /// @param columns to keep; empty: all
    record IcebergTable(
            String table,
            @Nullable Long snapshotId,
            @Nullable String ref,
            List<String> columns) implements SpineSource {
        public IcebergTable {
            columns = List.copyOf(columns);
        }
    }

    /// Inline rows, each with its own time.
    record TimedRows(List<String> columns, RowsAt rows) implements SpineSource {
        public TimedRows {
            columns = List.copyOf(columns);
        }
    }

    /// Inline rows without times: ids as of one time.
    record Ids(List<String> columns, RowsAt rows) implements SpineSource {
        public Ids {
            columns = List.copyOf(columns);
        }
    }

    /// No rows: every entity as of one time.
    record AllEntities() implements SpineSource {}

    /// No rows: every state of the views between two times, each from the instant at which it becomes visible.
    ///
    /// @param start inclusive; null: no lower limit
    /// @param end inclusive; null: T
    record Range(@Nullable Instant start, @Nullable Instant end) implements SpineSource {}

    /// Where inline rows are.
    sealed interface RowsAt {
        /// In the event itself, as text.
        record InEvent(List<List<@Nullable String>> rows) implements RowsAt {}

        /// On the object store, where the registration service put the rows of a standing retrieval ([StoredRows]), so
        /// that its runs need not repeat them.
        record Stored(String location) implements RowsAt {}
    }

    /// Decodes the kind.
    ///
    /// @throws InvalidSpineException if the kind is unknown, or a field that it needs is missing
    static SpineSource of(Spine spine) {
        return switch (spine.getKind()) {
            case PARQUET -> new ParquetFiles(locations(spine), spine.getColumns());
            case CSV -> new CsvFiles(locations(spine), spine.getColumns());
            case TABLE -> new IcebergTable(table(spine), spine.getSnapshotId(), spine.getRef(), spine.getColumns());
            case ROWS -> new TimedRows(spine.getColumns(), rows(spine));
            case IDS -> new Ids(spine.getColumns(), rows(spine));
            case ALL -> new AllEntities();
            case RANGE -> range(spine);
            case UNKNOWN ->
                throw new InvalidSpineException(
                        Code.SPINE_KIND_UNKNOWN, "spine.kind", "This version does not know the spine's kind.");
        };
    }

    private static Range range(Spine spine) {
        Instant start = spine.getStart();
        Instant end = spine.getEnd();
        if (start != null && end != null && start.isAfter(end)) {
            throw new InvalidSpineException(
                    Code.RANGE_INVALID,
                    "spine.start",
                    "The range starts at %s, after its end at %s.".formatted(start, end));
        }
        return new Range(start, end);
    }

    private static List<String> locations(Spine spine) {
        if (spine.getLocations().isEmpty()) {
            throw new InvalidSpineException(
                    Code.SPINE_INCOMPLETE, "spine.locations", "The spine must name at least one location.");
        }
        return spine.getLocations();
    }

    private static String table(Spine spine) {
        if (spine.getTable() == null) {
            throw new InvalidSpineException(Code.SPINE_INCOMPLETE, "spine.table", "A TABLE spine must name its table.");
        }
        return Objects.requireNonNull(spine.getTable());
    }

    /// An empty list of rows without a location is an empty spine.
    private static RowsAt rows(Spine spine) {
        return spine.getRows().isEmpty() && !spine.getLocations().isEmpty()
                ? new RowsAt.Stored(spine.getLocations().getFirst())
                : new RowsAt.InEvent(spine.getRows());
    }
}
