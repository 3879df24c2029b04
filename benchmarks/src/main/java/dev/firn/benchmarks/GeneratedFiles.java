package dev.firn.benchmarks;

import dev.firn.embedded.EmbeddedStack;
import dev.firn.embedded.StackAddresses;
import dev.firn.lake.parquet.ColumnTasks;
import dev.firn.lake.parquet.ParquetResult;
import dev.firn.lake.parquet.ParquetSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.iceberg.Schema;

/// The generated files, kept between runs in one folder. A file gets its final name only when it is complete, so an
/// interrupted generation continues where it stopped.
final class GeneratedFiles {
    /// Rows of a row group: DuckDB's default.
    private static final int ROW_GROUP_ROWS = 122_880;

    private final Path folder;
    private final int threads;
    private final Consumer<String> progress;

    GeneratedFiles(Path folder, int threads, Consumer<String> progress) {
        this.folder = folder;
        this.threads = threads;
        this.progress = progress;
    }

    Path folder() {
        return folder;
    }

    /// The folder of a table's files. Its name changes with everything that shapes the files.
    Path folderOf(TableSpec table) {
        return folder.resolve("tables")
                .resolve("%s-%d-%08x"
                        .formatted(
                                table.name(),
                                table.rows(),
                                (table.select() + table.layout() + table.files()).hashCode()));
    }

    /// A glob of the table's data files, without those that changes of the table have put beside them.
    String pattern(TableSpec table) {
        return folderOf(table).resolve("part-*.parquet").toString();
    }

    /// The table's data files. Generates those that are missing.
    List<Path> files(TableSpec table) {
        Path target = folderOf(table);
        List<Path> files = new ArrayList<>();
        for (int f = 0; f < table.files(); f++) {
            files.add(target.resolve("part-%05d.parquet".formatted(f)));
        }
        if (files.stream().allMatch(Files::exists)) {
            return files;
        }
        create(target);
        try (Database database = Database.open(threads, true)) {
            if (table.layout().isByKey()) {
                progress.accept("sorting %,d rows of table %s".formatted(table.rows(), table.name()));
                database.run("create table sorted as select %s from range(%d) r(i) order by %s, %s"
                        .formatted(table.select(), table.rows(), String.join(", ", table.keyNames()), TableSpec.TIME));
            }
            for (int f = 0; f < table.files(); f++) {
                if (!Files.exists(files.get(f))) {
                    if (f % Math.max(1, table.files() / 5) == 0) {
                        progress.accept("generating %,d rows of table %s: file %d of %d"
                                .formatted(table.rows(), table.name(), f + 1, table.files()));
                    }
                    write(database, table, f, files.get(f));
                }
            }
        }
        return files;
    }

    private void write(Database database, TableSpec table, int file, Path target) {
        long from = table.firstRow(file);
        long to = table.firstRow(file + 1);
        String range = "range(%d, %d) r(i)".formatted(from, to);
        String query =
                switch (table.layout()) {
                    case RANDOM, SMALL_PAGES -> "select %s from %s".formatted(table.select(), range);
                    case BY_KEY, BY_KEY_SMALL_PAGES ->
                        "select * from sorted limit %d offset %d".formatted(to - from, from);
                    case BY_DAY ->
                        "select * replace (%s as %s) from (select i, %s from %s)"
                                .formatted(
                                        TableSpec.instant("%d * 86400000000 + %s"
                                                .formatted(file, TableSpec.random(102, "86400000000"))),
                                        TableSpec.TIME,
                                        table.select(),
                                        range);
                };
        if (table.layout() == TableSpec.Layout.BY_DAY) {
            query = "select * exclude (i) from (" + query + ")";
        }
        Path incomplete = target.resolveSibling(target.getFileName() + ".incomplete");
        copy(database, query, incomplete, ", field_ids {" + table.fieldIds() + "}");
        if (table.layout().hasSmallPages()) {
            Path pages = target.resolveSibling(target.getFileName() + ".pages");
            rewrite(incomplete, pages, BenchTables.schema(table));
            move(pages, incomplete);
        }
        move(incomplete, target);
    }

    /// A file with further rows, or with some of a table's. Generates it if it is missing.
    ///
    /// @param condition an SQL expression of the row number `i`
    Path more(TableSpec table, String name, long from, long to, String condition) {
        Path target = folderOf(table).resolve(name + ".parquet");
        if (!Files.exists(target)) {
            Path incomplete = target.resolveSibling(target.getFileName() + ".incomplete");
            try (Database database = Database.open(threads, true)) {
                copy(
                        database,
                        "select %s from range(%d, %d) r(i) where %s".formatted(table.select(), from, to, condition),
                        incomplete,
                        ", field_ids {" + table.fieldIds() + "}");
            }
            move(incomplete, target);
        }
        return target;
    }

    /// The table's data files under other names.
    List<Path> again(TableSpec table) {
        Path target = folderOf(table).resolve("again");
        create(target);
        List<Path> links = new ArrayList<>();
        for (Path file : files(table)) {
            Path link = target.resolve(file.getFileName());
            try {
                links.add(Files.exists(link) ? link : Files.createLink(link, file));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return links;
    }

    private static void copy(Database database, String query, Path target, String options) {
        database.run("copy (%s) to %s (format parquet, compression zstd, compression_level 3, row_group_size %d%s)"
                .formatted(query, Database.quoted(target.toString()), ROW_GROUP_ROWS, options));
    }

    /// Rewrites a file with parquet-java: with page indexes, and pages of at most 20,000 rows or 1 MiB.
    private static void rewrite(Path from, Path to, Schema schema) {
        try (ColumnTasks tasks = new ColumnTasks(1);
                ParquetSource source = ParquetSource.open(org.apache.iceberg.Files.localInput(from.toFile()));
                ParquetResult result =
                        ParquetResult.create(org.apache.iceberg.Files.localOutput(to.toFile()), schema, tasks)) {
            List<String> names =
                    schema.columns().stream().map(field -> field.name()).toList();
            source.batches(names, 1 << 14)
                    .forEachRemaining(
                            batch -> result.write(batch, 0, batch.getFirst().size()));
            result.finish();
        }
    }

    /// The scenario's spine. Generates it if it is missing.
    Path spine(Scenario scenario) {
        Path target = spines().resolve(scenario.spineFile());
        if (!Files.exists(target)) {
            create(spines());
            progress.accept("generating the spine of %s: %,d rows"
                    .formatted(scenario.name(), scenario.spine().rows()));
            Path incomplete = target.resolveSibling(target.getFileName() + ".incomplete");
            try (Database database = Database.open(threads, true)) {
                copy(
                        database,
                        "select %s from range(%d) r(i)"
                                .formatted(
                                        scenario.spineSelect(), scenario.spine().rows()),
                        incomplete,
                        "");
            }
            move(incomplete, target);
        }
        return target;
    }

    Path spines() {
        return folder.resolve("spines");
    }

    /// Reads the scenario's files once, because an earlier peer may have pushed them out of the page cache.
    void warm(Scenario scenario) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 20);
        List<Path> files = new ArrayList<>(files(scenario.table()));
        files.add(spine(scenario));
        for (Path file : files) {
            try (FileChannel channel = FileChannel.open(file)) {
                while (channel.read(buffer.clear()) >= 0) {
                    // reading is enough
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /// The folder of the embedded stack, for scenarios that need a store.
    Path stackFolder() {
        return folder.resolve("stack");
    }

    /// The addresses of the stack that this process or its parent has started.
    StackAddresses stack() {
        return EmbeddedStack.attach(stackFolder()).addresses();
    }

    /// The results in the store, as files: its server keeps each object as a file.
    Path storedResults() {
        return stackFolder().resolve("s3").resolve(StackAddresses.BUCKET).resolve("bench-results");
    }

    /// Creates an empty folder for one engine's results.
    Path results(Scenario scenario, String engine) {
        Path target = (scenario.isInStore() ? storedResults() : folder.resolve("results"))
                .resolve(scenario.name())
                .resolve(engine);
        delete(target);
        if (!scenario.isInStore()) {
            create(target);
        }
        return target;
    }

    void deleteResults() {
        delete(folder.resolve("results"));
        delete(storedResults());
    }

    static void delete(Path target) {
        if (!Files.exists(target)) {
            return;
        }
        try (Stream<Path> walk = Files.walk(target)) {
            for (Path path : walk.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void create(Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void move(Path from, Path to) {
        try {
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
