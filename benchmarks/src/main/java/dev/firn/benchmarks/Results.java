package dev.firn.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/// Tells whether two engines answered the same: rows in any order, every value exactly.
final class Results {
    private Results() {}

    /// The content of the last run in an engine's folder, in a word: the number of rows and the sum of their hashes.
    static String content(Database database, Scenario scenario, Path folder) {
        return database.value("select count(*) || ' ' || coalesce(sum(hash(%s)::hugeint), 0) from %s"
                .formatted(String.join(", ", scenario.resultColumns()), Database.quoted(last(folder))));
    }

    static long rows(String content) {
        return Long.parseLong(content.substring(0, content.indexOf(' ')));
    }

    private static java.nio.file.attribute.FileTime modified(Path path) {
        try {
            return Files.getLastModifiedTime(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// A file, or a folder of them.
    private static String last(Path folder) {
        try (Stream<Path> runs = Files.list(folder)) {
            Path last = runs.filter(path -> path.getFileName().toString().startsWith("run-"))
                    .max(java.util.Comparator.comparing(Results::modified))
                    .orElseThrow(() -> new IllegalStateException("no result in " + folder));
            return Files.isDirectory(last) ? last.resolve("**/*.parquet").toString() : last.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
