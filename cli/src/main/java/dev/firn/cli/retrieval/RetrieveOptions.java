package dev.firn.cli.retrieval;

import dev.firn.cli.command.Times;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/// What a retrieval asks for, as the command line says it. [RequestFromOptions] makes the event of it.
final class RetrieveOptions {
    @ArgGroup(exclusive = true, multiplicity = "1", heading = "%nThe rows that features are asked for, one of:%n")
    SpineChoice spine = new SpineChoice();

    @ArgGroup(exclusive = false, heading = "%nAbout those rows:%n")
    SpineDetails details = new SpineDetails();

    @ArgGroup(exclusive = false, heading = "%nThe features and the snapshots they are read at:%n")
    ReadOptions read = new ReadOptions();

    static final class SpineChoice {
        @Option(
                names = "--spine",
                paramLabel = "LOCATION",
                description = "Parquet or CSV: s3://… (a folder ends with a slash), or a file of this machine, which is"
                        + " put below the first allowed spine location. Repeat for several.")
        List<String> locations = List.of();

        @Option(names = "--spine-table", paramLabel = "C.S.TABLE", description = "An Iceberg table.")
        @Nullable
        String table;

        @Option(
                names = "--rows",
                paramLabel = "FILE|-",
                description = "Rows with their times, sent within the event: CSV with a header line.")
        @Nullable
        String rows;

        @Option(
                names = "--ids",
                paramLabel = "KEY=VALUE,…",
                description = "These ids as of --as-of: customer_id=7,8,9. Repeat for a key of several columns.")
        List<String> ids = List.of();

        @Option(names = "--all", description = "Every entity as of --as-of.")
        boolean all;

        @Option(
                names = "--request",
                paramLabel = "FILE|-",
                description = "A whole RetrievalRequest as JSON; other options of the retrieval are not allowed.")
        @Nullable
        String request;
    }

    static final class SpineDetails {
        @Option(
                names = "--spine-kind",
                paramLabel = "KIND",
                description = "parquet or csv, where the name of --spine does not end so.")
        @Nullable
        String kind;

        @Option(names = "--spine-snapshot", paramLabel = "ID", description = "Snapshot of --spine-table.")
        @Nullable
        Long snapshot;

        @Option(names = "--spine-ref", paramLabel = "REF", description = "Branch or tag of --spine-table.")
        @Nullable
        String ref;

        @Option(
                names = "--timestamp-column",
                paramLabel = "COLUMN",
                description = "Column with the time of each row (default: event_timestamp).")
        String timestampColumn = "";

        @Option(
                names = "--timestamp-zone",
                paramLabel = "ZONE",
                description = "IANA zone of times without one (default: UTC).")
        @Nullable
        String timestampZone;

        @Option(
                names = "--columns",
                paramLabel = "COLUMN",
                split = ",",
                description = "Columns of the spine to keep (default: all).")
        List<String> columns = List.of();

        @Option(
                names = "--column-type",
                paramLabel = "COLUMN=DTYPE",
                description = "Type of a CSV or inline column that is no key (default: string).")
        Map<String, String> columnTypes = new LinkedHashMap<>();

        boolean isDefault() {
            return kind == null
                    && snapshot == null
                    && ref == null
                    && timestampColumn.isEmpty()
                    && timestampZone == null
                    && columns.isEmpty()
                    && columnTypes.isEmpty();
        }
    }

    static final class ReadOptions {
        @Option(
                names = {"-f", "--features"},
                paramLabel = "VIEW:FEATURE",
                split = ",",
                description = "What to add to each row, in order; VIEW:* for all of a view.")
        List<String> features = List.of();

        @Option(
                names = "--alias",
                paramLabel = "ALIAS=VIEW",
                description = "Another name for a view, so that it can be used twice.")
        Map<String, String> aliases = new LinkedHashMap<>();

        @Option(
                names = "--join-key",
                paramLabel = "VIEW.ENTITY=COLUMN",
                description = "Column of the spine that holds an entity, where the names differ.")
        Map<String, String> joinKeys = new LinkedHashMap<>();

        @Option(
                names = "--as-of",
                paramLabel = "TIME",
                converter = Times.InstantConverter.class,
                description = "The time of rows without one (default: now).")
        @Nullable
        Instant asOf;

        @Option(names = "--ref", paramLabel = "VIEW=REF", description = "Branch or tag to read a view at.")
        Map<String, String> refs = new LinkedHashMap<>();

        @Option(names = "--snapshot", paramLabel = "VIEW=ID", description = "Snapshot to read a view at.")
        Map<String, Long> snapshots = new LinkedHashMap<>();

        @Option(
                names = "--snapshot-as-of",
                paramLabel = "VIEW=TIME",
                converter = {PlainText.class, Times.InstantConverter.class},
                description = "Reads a view at the snapshot that was current then.")
        Map<String, Instant> snapshotTimes = new LinkedHashMap<>();

        @Option(
                names = "--pins",
                paramLabel = "ID|LOCATION",
                description = "Repeats an earlier retrieval exactly: its request id, or the location of its manifest.")
        @Nullable
        String pins;

        @Option(names = "--filter-by-created", description = "Hides rows until their created timestamp as well.")
        boolean filterByCreated;

        @Option(names = "--full-feature-names", description = "Names columns view__feature instead of feature.")
        boolean fullFeatureNames;

        @Option(
                names = "--event-timestamps",
                description = "Adds view__event_timestamp, the time of the row that was found.")
        boolean eventTimestamps;

        @Option(
                names = "--retain",
                description =
                        "Keeps the snapshots that are read, by Iceberg tags firn-ID-SNAPSHOT; only in catalogs for"
                                + " which firn.access.retain-catalogs allows it.")
        boolean retain;

        boolean isDefault() {
            boolean namesNothing = features.isEmpty()
                    && aliases.isEmpty()
                    && joinKeys.isEmpty()
                    && refs.isEmpty()
                    && snapshots.isEmpty()
                    && snapshotTimes.isEmpty();
            boolean asksForNothing = !filterByCreated && !fullFeatureNames && !eventTimestamps && !retain;
            return namesNothing && asksForNothing && asOf == null && pins == null;
        }
    }

    static final class PlainText implements picocli.CommandLine.ITypeConverter<String> {
        @Override
        public String convert(String text) {
            return text;
        }
    }
}
