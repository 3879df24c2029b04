package dev.firn.cli.retrieval;

import dev.firn.cli.command.NameCandidates;
import dev.firn.cli.command.Times;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/// The options that describe a retrieval. [RequestFromOptions] builds the event from them.
final class RetrieveOptions {
    @ArgGroup(exclusive = true, multiplicity = "0..1", heading = "%nThe rows to add features to (the spine), one of:%n")
    SpineChoice spine = new SpineChoice();

    @ArgGroup(exclusive = false, heading = "%nDetails of the spine:%n")
    SpineDetails details = new SpineDetails();

    @ArgGroup(exclusive = false, heading = "%nFeatures and snapshots:%n")
    ReadOptions read = new ReadOptions();

    static final class SpineChoice {
        @Option(
                names = "--spine",
                paramLabel = "LOCATION",
                description = "Parquet or CSV: s3://… (a folder ends with a slash) or a local file, which is uploaded"
                        + " to the first allowed spine location. Can be repeated.")
        List<String> locations = List.of();

        @Option(names = "--spine-table", paramLabel = "C.S.TABLE", description = "An Iceberg table.")
        @Nullable
        String table;

        @Option(
                names = "--rows",
                paramLabel = "FILE|-",
                description = "CSV with a header line; the rows are sent in the event. A file that is too large for an"
                        + " event is uploaded, as with --spine.")
        @Nullable
        String rows;

        @Option(
                names = "--ids",
                paramLabel = "KEY=VALUE,…",
                description = "These ids as of --as-of: customer_id=7,8,9. Repeat it for each column of a composite"
                        + " key. The values are a line of CSV: quote a value that has a comma ('name=\"Doe,"
                        + " Jane\",Bo'); an empty value is null, and a quoted empty one is empty text.")
        List<String> ids = List.of();

        @Option(names = "--all", description = "All entities as of --as-of.")
        boolean all;

        @Option(
                names = "--range",
                paramLabel = "START..END",
                converter = Times.RangeConverter.class,
                description = "Every state of the views from START to END, both included: a row for each key and"
                        + " instant when a row becomes visible. Without START, from the beginning; without END, to"
                        + " --as-of.")
        Times.@Nullable Range range;

        @Option(
                names = "--request",
                paramLabel = "FILE|-",
                description = "A whole RetrievalRequest as JSON. Excludes the other options that describe a retrieval.")
        @Nullable
        String request;

        boolean isNamed() {
            boolean rowsOrTable = table != null || rows != null || request != null;
            return rowsOrTable || all || range != null || !locations.isEmpty() || !ids.isEmpty();
        }
    }

    static final class SpineDetails {
        @Option(
                names = "--spine-kind",
                paramLabel = "KIND",
                description = "parquet or csv (default: csv if --spine ends in .csv, otherwise parquet).")
        @Nullable
        String kind;

        @Option(names = "--spine-snapshot", paramLabel = "ID", description = "Snapshot of --spine-table to read.")
        @Nullable
        Long snapshot;

        @Option(names = "--spine-ref", paramLabel = "REF", description = "Branch or tag of --spine-table to read.")
        @Nullable
        String ref;

        @Option(
                names = "--timestamp-column",
                paramLabel = "COLUMN",
                description = "Column with each row's timestamp (default: event_timestamp).")
        String timestampColumn = "";

        @Option(
                names = "--timestamp-zone",
                paramLabel = "ZONE",
                description = "IANA time zone of timestamps without a zone (default: UTC).")
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
                description = "Type of a CSV or inline column that is not a key (default: string): churned=int32.")
        Map<String, String> columnTypes = new LinkedHashMap<>();

        @Option(names = "--infer", description = "Infers these types for a local CSV file, from all values.")
        boolean infer;

        boolean isDefault() {
            return kind == null
                    && snapshot == null
                    && ref == null
                    && timestampColumn.isEmpty()
                    && timestampZone == null
                    && columns.isEmpty()
                    && columnTypes.isEmpty()
                    && !infer;
        }
    }

    static final class ReadOptions {
        @Option(
                names = {"-f", "--features"},
                paramLabel = "VIEW:FEATURE",
                split = ",",
                description = "Features to add, in order; VIEW:* for all features of a view.")
        List<String> features = List.of();

        @Option(names = "--alias", paramLabel = "ALIAS=VIEW", description = "Alias for a view, to use it twice.")
        Map<String, String> aliases = new LinkedHashMap<>();

        @Option(
                names = "--join-key",
                paramLabel = "VIEW.ENTITY=COLUMN",
                description = "The spine's column for an entity, if the names differ.")
        Map<String, String> joinKeys = new LinkedHashMap<>();

        @Option(
                names = "--as-of",
                paramLabel = "TIME",
                converter = Times.InstantConverter.class,
                description = "The time of rows without a timestamp (default: now).")
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
                description = "Reads a view at the snapshot that was current at TIME.")
        Map<String, Instant> snapshotTimes = new LinkedHashMap<>();

        @Option(
                names = "--pins",
                completionCandidates = NameCandidates.Requests.class,
                paramLabel = "ID|LOCATION",
                description = "Repeats an earlier retrieval, named by its request id or its manifest's location."
                        + " Alone, it repeats the whole retrieval; with rows and features, it reads those at the"
                        + " same snapshots.")
        @Nullable
        String pins;

        @Option(names = "--filter-by-created", description = "Hides feature rows until their created timestamp.")
        boolean filterByCreated;

        @Option(names = "--full-feature-names", description = "Names columns view__feature instead of feature.")
        boolean fullFeatureNames;

        @Option(
                names = "--event-timestamps",
                description = "Adds view__event_timestamp, the timestamp of the matched feature row.")
        boolean eventTimestamps;

        @Option(
                names = "--retain",
                description =
                        "Protects the snapshots from expiry with Iceberg tags named firn-ID-SNAPSHOT. Only for catalogs"
                                + " in firn.access.retain-catalogs.")
        boolean retain;

        @Option(
                names = "--target",
                paramLabel = "CATALOG.SCHEMA.TABLE",
                description = "Also replaces the content of this Iceberg table with the result. Firn creates the"
                        + " table, and writes to no others. Only in schemas of firn.access.target-schemas.")
        @Nullable
        String target;

        /// Whether nothing is asked for but to repeat an earlier retrieval.
        boolean isPinsOnly() {
            return pins != null && isDefaultButPins();
        }

        boolean isDefault() {
            return pins == null && isDefaultButPins();
        }

        private boolean isDefaultButPins() {
            boolean namesNothing = features.isEmpty()
                    && aliases.isEmpty()
                    && joinKeys.isEmpty()
                    && refs.isEmpty()
                    && snapshots.isEmpty()
                    && snapshotTimes.isEmpty();
            boolean asksForNothing =
                    !filterByCreated && !fullFeatureNames && !eventTimestamps && !retain && target == null;
            return namesNothing && asksForNothing && asOf == null;
        }
    }

    static final class PlainText implements picocli.CommandLine.ITypeConverter<String> {
        @Override
        public String convert(String text) {
            return text;
        }
    }
}
