package dev.firn.cli.inspect;

import dev.firn.cli.command.CommandContext;
import dev.firn.cli.command.CommandFailure;
import dev.firn.cli.command.ConnectedCommand;
import dev.firn.cli.command.ExitCode;
import dev.firn.cli.command.Times;
import dev.firn.lake.TableName;
import dev.firn.lake.catalog.Catalogs;
import dev.firn.lake.catalog.LakeTable;
import dev.firn.lake.catalog.SnapshotChoice;
import dev.firn.lake.scan.FileInspection;
import dev.firn.lake.scan.FileReport;
import dev.firn.lake.scan.InspectionRequest;
import dev.firn.lake.scan.InvalidQuestionException;
import dev.firn.lake.scan.TableInspection;
import dev.firn.lake.scan.TableReport;
import dev.firn.lake.storage.Storage;
import dev.firn.service.CatalogFactory;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

@Command(
        name = "inspect",
        description = {
            "Says what Firn knows about an Iceberg table or a Parquet file: who wrote it, how, and"
                    + " what Firn distrusts or refuses. With --key or --time, it also says what a read of such"
                    + " rows would skip.",
            "A file is a local path or an s3:// location; a table is catalog.schema.table."
        },
        footer = {
            "  firn inspect iceberg.gold.customer_aggregates",
            "  firn inspect iceberg.gold.customer_aggregates --key customer_id=42 --time updated_at=2024-03-01",
            "  firn inspect spine.parquet --values",
            "  firn inspect s3://lake/gold/data/part-7.parquet --json"
        })
public final class InspectCommand extends ConnectedCommand {
    private static final String PARQUET = ".parquet";

    @Parameters(paramLabel = "TABLE|FILE", description = "An Iceberg table, or a Parquet file.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    String target;

    @Option(
            names = "--key",
            paramLabel = "COLUMN=VALUE",
            description = "Looks for rows with this value. Can be repeated.")
    List<String> keys = new ArrayList<>();

    @Option(
            names = "--time",
            paramLabel = "COLUMN=TIME",
            description =
                    "Looks for rows at or before a time, or in a range: ts=2024-03-01, ts=2024-03-01..2024-04-01.")
    @Nullable
    String time;

    @Option(
            names = "--values",
            description =
                    "Reads all values too, and compares them with bounds and indexes. Takes as long as a full scan.")
    boolean values;

    @Option(names = "--snapshot", paramLabel = "ID", description = "The snapshot of the table to look at.")
    @Nullable
    Long snapshot;

    @Option(names = "--ref", paramLabel = "REF", description = "The branch or tag of the table to look at.")
    @Nullable
    String ref;

    @Option(
            names = "--files",
            paramLabel = "N",
            description = "How many files of the table to look into (default: ${DEFAULT-VALUE}).",
            defaultValue = "10")
    int files = 10;

    InspectCommand(CommandContext context) {
        super(context);
    }

    @Override
    protected boolean usesEvents() {
        return false;
    }

    @Override
    protected ExitCode run() {
        InspectionRequest request = new InspectionRequest(keys(), times(), values);
        if (files < 0) {
            throw CommandFailure.usage("--files must be at least 0, not " + files);
        }
        if (!isFile(target)) {
            return table(tableName(), request);
        }
        if (snapshot != null || ref != null) {
            throw CommandFailure.usage("--snapshot and --ref are for tables, and %s is a file".formatted(target));
        }
        return file(request);
    }

    private ExitCode file(InspectionRequest request) {
        boolean isLocal = !target.contains("://");
        if (isLocal && !Files.isRegularFile(Path.of(target))) {
            throw CommandFailure.usage("File not found: " + target);
        }
        String location = isLocal ? Path.of(target).toAbsolutePath().normalize().toString() : target;
        try (Storage storage = isLocal ? Storage.open(Map.of()) : connect().storage()) {
            FileReport report = asked(() -> FileInspection.of(storage.input(location), request));
            if (json) {
                console().answer(InspectionJson.of(report));
            } else {
                new InspectionText(console(), looksForRows()).file(report);
            }
            return ExitCode.OK;
        }
    }

    private ExitCode table(TableName name, InspectionRequest request) {
        try (Catalogs catalogs = CatalogFactory.open(connect().config())) {
            LakeTable now = catalogs.load(name);
            TableReport report = asked(() -> TableInspection.of(catalogs.open(now, now.pin(choice())), request, files));
            if (json) {
                console().answer(InspectionJson.of(report));
            } else {
                new InspectionText(console(), looksForRows()).table(report);
            }
            boolean isRefused = report.refused().stream()
                    .anyMatch(refusal -> refusal.column().isEmpty());
            return isRefused ? ExitCode.REFUSED : ExitCode.OK;
        }
    }

    private SnapshotChoice choice() {
        if (snapshot != null && ref != null) {
            throw CommandFailure.usage("Name one of --snapshot and --ref");
        }
        return snapshot == null ? new SnapshotChoice.Head(ref) : new SnapshotChoice.ById(snapshot);
    }

    private static <T> T asked(Supplier<T> inspection) {
        try {
            return inspection.get();
        } catch (InvalidQuestionException e) {
            throw new CommandFailure(ExitCode.USAGE, String.valueOf(e.getMessage()), e);
        }
    }

    private boolean looksForRows() {
        return !keys.isEmpty() || time != null;
    }

    /// Anything with a path or Parquet's ending, and what exists as a file.
    private static boolean isFile(String target) {
        try {
            return target.contains("/") || target.endsWith(PARQUET) || Files.exists(Path.of(target));
        } catch (InvalidPathException e) {
            return false;
        }
    }

    private TableName tableName() {
        try {
            return TableName.parse(target);
        } catch (IllegalArgumentException e) {
            throw CommandFailure.usage(
                    "'%s' is neither a file nor a table; a table is catalog.schema.table".formatted(target));
        }
    }

    private Map<String, String> keys() {
        Map<String, String> parsed = new LinkedHashMap<>();
        for (String key : keys) {
            String[] parts = split("--key", key, "customer_id=42");
            if (parsed.put(parts[0], parts[1]) != null) {
                throw CommandFailure.usage("--key names column '%s' twice".formatted(parts[0]));
            }
        }
        return parsed;
    }

    private InspectionRequest.@Nullable Times times() {
        if (time == null) {
            return null;
        }
        String[] parts = split("--time", time, "updated_at=2024-03-01");
        try {
            if (!parts[1].contains("..")) {
                return new InspectionRequest.Times(
                        parts[0], Instant.MIN, new Times.InstantConverter().convert(parts[1]));
            }
            Times.Range range = new Times.RangeConverter().convert(parts[1]);
            return new InspectionRequest.Times(
                    parts[0],
                    range.start() == null ? Instant.MIN : range.start(),
                    range.end() == null ? Instant.MAX : range.end());
        } catch (TypeConversionException e) {
            throw CommandFailure.usage("--time: " + e.getMessage());
        }
    }

    private static String[] split(String option, String written, String example) {
        int equals = written.indexOf('=');
        if (equals <= 0) {
            throw CommandFailure.usage(
                    "%s must be a column and a value, such as %s, not '%s'".formatted(option, example, written));
        }
        return new String[] {written.substring(0, equals), written.substring(equals + 1)};
    }
}
