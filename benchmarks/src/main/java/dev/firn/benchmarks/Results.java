package dev.firn.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Comparator;
import java.util.stream.Stream;

/// Compares the results of engines: the same rows in any order, with exactly the same values.
final class Results {
    private Results() {}

    /// A fingerprint of the last result in an engine's folder: the number of rows and the sum of their hashes.
    static String content(Database database, Scenario scenario, Path folder) {
        return database.value("select count(*) || ' ' || coalesce(sum(hash(%s)::hugeint), 0) from %s"
                .formatted(String.join(", ", scenario.resultColumns()), Database.quoted(last(folder))));
    }

    static long rows(String content) {
        return Long.parseLong(content.substring(0, content.indexOf(' ')));
    }

    private static FileTime modified(Path path) {
        try {
            return Files.getLastModifiedTime(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The last result: a file, or a pattern of the files in a folder.
    private static String last(Path folder) {
        try (Stream<Path> runs = Files.list(folder)) {
            Path last = runs.filter(path -> path.getFileName().toString().startsWith("run-"))
                    .max(Comparator.comparing(Results::modified))
                    .orElseThrow(() -> new IllegalStateException("no result in " + folder));
            return Files.isDirectory(last) ? last.resolve("**/*.parquet").toString() : last.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
