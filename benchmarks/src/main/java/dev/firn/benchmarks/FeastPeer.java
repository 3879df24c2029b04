package dev.firn.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Feast, in a Python process, over the same Iceberg table.
final class FeastPeer {
    private static final long MAX_SPINE_ROWS = 2_000_000;
    static final String VERSION = "0.67.0";
    private static final List<String> PACKAGES =
            List.of("feast[duckdb]==" + VERSION, "pyiceberg[sql-sqlite]==0.12.0", "duckdb==2.0.0");

    private final GeneratedFiles data;
    private final Path python;

    private FeastPeer(GeneratedFiles data, Path python) {
        this.data = data;
        this.python = python;
    }

    /// Installs Feast into a virtual environment. Returns empty, and says so to `progress`, if `python3` cannot do
    /// that.
    static Optional<FeastPeer> prepare(GeneratedFiles data, @Nullable Path given, Consumer<String> progress) {
        if (given != null) {
            return Optional.of(new FeastPeer(data, given));
        }
        Path environment = data.folder().resolve("feast");
        Path python = environment.resolve("bin").resolve("python");
        Path ready = environment.resolve("ready");
        if (Files.exists(ready)) {
            return Optional.of(new FeastPeer(data, python));
        }
        progress.accept("installing Feast %s into %s".formatted(VERSION, environment));
        boolean installed = succeeds(List.of("python3", "-m", "venv", environment.toString()))
                && succeeds(Stream.concat(
                                List.of(python.toString(), "-m", "pip", "install", "--quiet").stream(),
                                PACKAGES.stream())
                        .toList());
        if (!installed) {
            progress.accept(
                    "skipping Feast: it needs a python3 that can create a virtual environment and install packages");
            return Optional.empty();
        }
        try {
            Files.createFile(ready);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Optional.of(new FeastPeer(data, python));
    }

    private static boolean succeeds(List<String> command) {
        try {
            return new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /// Feast runs scenarios with one view only, and without spines of millions of rows: with those, it needed more than
    /// 24 GB and had not finished after 6 minutes.
    static boolean canRun(Scenario scenario) {
        return scenario.views().size() == 1 && scenario.spine().rows() <= MAX_SPINE_ROWS;
    }

    List<String> command(Scenario scenario, Path results, int runs) {
        Path script = data.folder().resolve("feast_peer.py");
        try (InputStream source = FeastPeer.class.getResourceAsStream("feast_peer.py")) {
            if (source == null) {
                throw new IllegalStateException("feast_peer.py is not on the class path");
            }
            Files.copy(source, script, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        TableSpec table = scenario.table();
        Scenario.View view = scenario.views().getFirst();
        return List.of(
                python.toString(),
                script.toString(),
                data.folder().resolve("feast-repo").resolve(scenario.name()).toString(),
                "sqlite:///" + data.folder().resolve("catalog.db"),
                data.folder().resolve("warehouse").toUri().toString(),
                data.folderOf(table).getFileName().toString().replace('-', '_'),
                data.spine(scenario).toString(),
                results.toString(),
                Integer.toString(runs),
                String.join(",", table.keyNames()),
                table.keys().stream().map(TableSpec.Column::type).collect(Collectors.joining(",")),
                table.features().stream()
                        .filter(column -> view.features().contains(column.name()))
                        .map(column -> column.name() + ":" + column.type())
                        .collect(Collectors.joining(",")),
                Long.toString(view.ttlMicros()));
    }
}
