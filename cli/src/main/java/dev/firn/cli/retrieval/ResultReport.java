package dev.firn.cli.retrieval;

import dev.firn.cli.command.CommandContext;
import dev.firn.cli.command.CommandFailure;
import dev.firn.cli.command.Connection;
import dev.firn.cli.command.ExitCode;
import dev.firn.cli.render.ChangesText;
import dev.firn.cli.render.Console;
import dev.firn.cli.render.Plural;
import dev.firn.cli.render.TextTable;
import dev.firn.cli.view.Registrations;
import dev.firn.events.ResultFile;
import dev.firn.events.RetrievalResult;
import dev.firn.events.TargetOutcome;
import dev.firn.events.TargetStatus;
import dev.firn.events.ViewOutcome;
import dev.firn.events.Violation;
import dev.firn.lake.storage.Storage;
import dev.firn.lake.storage.StoredFile;
import dev.firn.schemas.EventJson;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Prints results, as text or JSON.
public final class ResultReport {
    private final Connection connection;
    private final Storage storage;
    private final Console console;

    public ResultReport(Connection connection, Storage storage, Console console) {
        this.connection = connection;
        this.storage = storage;
        this.console = console;
    }

    ExitCode show(RetrievalResult result, boolean json, int previewRows) {
        if (json) {
            console.answer(EventJson.tree(result));
        } else {
            print(result, previewRows);
        }
        return switch (result.getStatus()) {
            case FAILED, SUSPENDED, CANCELLED -> ExitCode.REFUSED;
            default -> isMissingInTarget(result.getTarget()) ? ExitCode.REFUSED : ExitCode.OK;
        };
    }

    private static boolean isMissingInTarget(@Nullable TargetOutcome target) {
        return target != null && target.getStatus() == TargetStatus.NOT_COMMITTED;
    }

    private void print(RetrievalResult result, int previewRows) {
        switch (result.getStatus()) {
            case SUCCEEDED -> {
                summary(result);
                target(result.getTarget());
                views(result);
                preview(result, previewRows);
                Registrations.printFindings(console, "!", result.getWarnings());
            }
            case FAILED -> {
                failure(result);
                console.note("  For more: ./firn trace %s".formatted(result.getRequestId()));
            }
            case SUSPENDED, CANCELLED -> {
                console.note("firn: " + result.getMessage());
                Registrations.printFindings(console, "✗", result.getViolations());
            }
            default -> console.answer(result.getMessage());
        }
    }

    private void failure(RetrievalResult result) {
        List<Violation> violations = result.getViolations();
        if (violations.size() == 1) {
            console.note("firn: " + Registrations.describe(violations.getFirst()));
        } else {
            console.note("firn: %s %s".formatted(result.getCode(), result.getMessage()));
            Registrations.printFindings(console, "✗", violations);
        }
    }

    private void summary(RetrievalResult result) {
        console.answer("%s: %s in %s, as of %s"
                .formatted(
                        result.getRequestId(),
                        Plural.of(result.getRows(), "row"),
                        Plural.of(result.getFileCount(), "file"),
                        result.getAsOf()));
        console.answer("  " + result.getLocation());
        for (ResultFile file : result.getFiles()) {
            console.answer("    %s  %s, %s"
                    .formatted(
                            name(file.getLocation()),
                            Plural.of(file.getRows(), "row"),
                            Plural.of(file.getBytes(), "byte")));
        }
        changes(result);
    }

    private void changes(RetrievalResult result) {
        ChangesText.of(result).ifPresent(text -> console.answer("  " + text));
        if (result.getChanges() != null && result.getChanges().getLocation() != null) {
            console.answer("    " + result.getChanges().getLocation());
        }
    }

    private void target(@Nullable TargetOutcome target) {
        if (target == null) {
            return;
        }
        if (isMissingInTarget(target)) {
            console.note("firn: %s was not written: %s %s"
                    .formatted(target.getTable(), target.getCode(), target.getMessage()));
        } else {
            console.answer("  %s: %s".formatted(target.getTable(), target.getMessage()));
        }
    }

    void views(RetrievalResult result) {
        TextTable table = new TextTable(
                "view", "version", "table", "snapshot", "matched", "unmatched", "ambiguous", "files read", "skipped");
        for (ViewOutcome view : result.getViews()) {
            table.row(
                    view.getAlias(),
                    view.getVersion(),
                    view.getTable(),
                    view.getSnapshotId(),
                    view.getMatched(),
                    view.getUnmatched(),
                    view.getAmbiguous(),
                    view.getFilesRead(),
                    view.getFilesSkipped());
        }
        console.answer("");
        console.answer(table);
    }

    void preview(RetrievalResult result, int rows) {
        if (rows <= 0 || result.getRows() == 0) {
            return;
        }
        console.answer("");
        console.answer(new ResultRows(storage, result).preview(rows));
        if (result.getRows() > rows) {
            console.answer("… %,d more".formatted(result.getRows() - rows));
        }
    }

    /// The lines of Python that read the result.
    public List<String> python(RetrievalResult result) {
        Map<String, String> options = new LinkedHashMap<>();
        connection.config().s3().accessKeyId().ifPresent(key -> options.put("key", key));
        connection.config().s3().secretAccessKey().ifPresent(secret -> options.put("secret", secret));
        connection.config().s3().endpoint().ifPresent(endpoint -> options.put("endpoint_url", endpoint));
        List<String> entries = new ArrayList<>();
        options.forEach((name, value) -> entries.add("\"%s\": \"%s\"".formatted(name, value)));
        return List.of(
                "import pandas as pd  # pip install pandas pyarrow s3fs",
                "s3 = {%s}".formatted(String.join(", ", entries)),
                "df = pd.read_parquet(\"%s\", storage_options=s3, dtype_backend=\"pyarrow\")"
                        .formatted(result.getLocation()));
    }

    /// Files of two results in one folder would be read as one result.
    ///
    /// @throws CommandFailure if the folder already contains Parquet files
    static void requireNoResult(Path folder) {
        try (Stream<Path> files = Files.isDirectory(folder) ? Files.list(folder) : Stream.empty()) {
            files.filter(file -> file.toString().endsWith(".parquet")).findAny().ifPresent(file -> {
                throw CommandFailure.usage("--out: %s already contains %s; name a folder without a result"
                        .formatted(folder, file.getFileName()));
            });
        } catch (IOException e) {
            throw CommandFailure.usage("--out: cannot read %s: %s".formatted(folder, CommandContext.reason(e)));
        }
    }

    /// Copies the result's files, except those that begin with `_`. A copy that fails leaves no file that a reader
    /// takes for data.
    void copy(RetrievalResult result, Path folder) {
        requireNoResult(folder);
        try {
            Files.createDirectories(folder);
            Map<Path, Path> copied = new LinkedHashMap<>();
            for (StoredFile file : storage.list(result.getLocation())) {
                String name = name(file.location());
                if (!name.startsWith("_")) {
                    Path part = folder.resolve("_" + name + ".part");
                    try (InputStream source = storage.input(file.location()).newStream()) {
                        Files.copy(source, part, StandardCopyOption.REPLACE_EXISTING);
                    }
                    copied.put(part, folder.resolve(name));
                }
            }
            for (Map.Entry<Path, Path> file : copied.entrySet()) {
                Files.move(file.getKey(), file.getValue());
            }
        } catch (IOException e) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "Cannot copy %s to %s: %s".formatted(result.getLocation(), folder, CommandContext.reason(e)),
                    e);
        }
    }

    private static String name(String location) {
        return location.substring(location.lastIndexOf('/') + 1);
    }
}
