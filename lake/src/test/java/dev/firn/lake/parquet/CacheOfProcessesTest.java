package dev.firn.lake.parquet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.lake.columns.ColumnCache;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Processes that share the folder of a cache of columns, one of which is killed while it writes.
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class CacheOfProcessesTest {
    private static final int ROWS = 32_000;
    private static final int ALL = -1;

    /// Less than half of the columns, so that the processes evict what the other one has mapped.
    private static final long CACHE_BYTES = 500_000;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @Test
    void processesReadTheSameRowsWhileTheyEvictEachOthersColumnsAndOneIsKilled() throws Exception {
        Path file = file();
        Path cached = folder.resolve("cache");
        Map<Integer, String> expected = unkept(file);
        assertThat(expected).hasSizeGreaterThan(5);
        assertThat(expected.values()).doesNotHaveDuplicates();

        try (Child one = new Child(file, cached, 1);
                Child other = new Child(file, cached, 2)) {
            for (int round = 0; round < 4; round++) {
                one.tell("read");
                other.tell("read");
                assertThat(expected).containsAllEntriesOf(digests(one.line()));
                assertThat(expected).containsAllEntriesOf(digests(other.line()));
            }
            other.tell("half");
            assertThat(other.line()).isEqualTo("half");
            other.kill();
            assertThat(unfinished(cached)).as("what the killed process left").hasSize(1);

            for (int round = 0; round < 2; round++) {
                one.tell("read");
                assertThat(expected).containsAllEntriesOf(digests(one.line()));
            }
            one.tell("end");
            assertThat(one.line()).matches("[1-9]\\d* hits, [1-9]\\d* evictions, 0 damaged, 0 failures");
            assertThat(one.exitStatus()).isZero();
        }

        InstantSource later = InstantSource.offset(InstantSource.system(), Duration.ofMinutes(11));
        try (ColumnCache next = ColumnCache.open(cached, CACHE_BYTES, later)) {
            assertThat(unfinished(cached)).isEmpty();
            assertThat(CacheProcess.digests(file, next, ALL)).isEqualTo(expected);
            assertThat(next.hits()).isPositive();
            assertThat(next.damaged()).isZero();
        }
    }

    private Map<Integer, String> unkept(Path file) {
        try (ColumnCache empty = ColumnCache.open(folder.resolve("empty"), 1, InstantSource.system())) {
            return CacheProcess.digests(file, empty, ALL);
        }
    }

    /// Eight row groups of numbers, numbers and nulls, strings of a dictionary, and others.
    private Path file() throws IOException {
        MessageType schema = Types.buildMessage()
                .required(PrimitiveTypeName.INT64)
                .named("key")
                .optional(PrimitiveTypeName.DOUBLE)
                .named("amount")
                .required(PrimitiveTypeName.BINARY)
                .as(LogicalTypeAnnotation.stringType())
                .named("country")
                .required(PrimitiveTypeName.BINARY)
                .as(LogicalTypeAnnotation.stringType())
                .named("name")
                .named("rows");
        Path file = folder.resolve("rows.parquet");
        try (ParquetWriter<Group> writer = ExampleParquetWriter.builder(new LocalOutputFile(file))
                .withType(schema)
                .withRowGroupRowCountLimit(ROWS / 8)
                .withDictionaryPageSize(1_000)
                .build()) {
            SimpleGroupFactory groups = new SimpleGroupFactory(schema);
            for (int row = 0; row < ROWS; row++) {
                Group group = groups.newGroup()
                        .append("key", row * 7_919L % 100_003)
                        .append("country", "country " + row % 40)
                        .append("name", "name " + row);
                if (row % 3 != 0) {
                    group.append("amount", row / 7.0);
                }
                writer.write(group);
            }
        }
        return file;
    }

    private static List<Path> unfinished(Path cached) {
        try (Stream<Path> files = Files.list(cached)) {
            return files.filter(file -> file.toString().endsWith(".writing")).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<Integer, String> digests(String line) {
        assertThat(line).matches("\\{\\d=.*\\}");
        Map<Integer, String> digests = new TreeMap<>();
        for (String entry : List.of(line.substring(1, line.length() - 1).split(", ", -1))) {
            int at = entry.indexOf('=');
            digests.put(Integer.valueOf(entry.substring(0, at)), entry.substring(at + 1));
        }
        return new HashMap<>(digests);
    }

    private final class Child implements AutoCloseable {
        private final Process process;
        private final BufferedReader output;
        private final Writer input;

        Child(Path file, Path cached, int seed) throws IOException {
            process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx128m",
                            "-XX:+UseSerialGC",
                            "-XX:TieredStopAtLevel=1",
                            "--enable-native-access=ALL-UNNAMED",
                            "-cp",
                            System.getProperty("surefire.real.class.path", System.getProperty("java.class.path")),
                            CacheProcess.class.getName(),
                            file.toString(),
                            cached.toString(),
                            Long.toString(CACHE_BYTES),
                            Integer.toString(seed))
                    .directory(folder.toFile())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            output = process.inputReader(StandardCharsets.UTF_8);
            input = process.outputWriter(StandardCharsets.UTF_8);
        }

        void tell(String command) throws IOException {
            input.write(command + "\n");
            input.flush();
        }

        /// Skips what the log says.
        String line() throws IOException {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                if (line.startsWith("{") || line.startsWith("half") || line.endsWith("failures")) {
                    return line;
                }
            }
            throw new IOException("the process ended");
        }

        /// As `kill -9` does.
        void kill() throws InterruptedException {
            process.destroyForcibly().waitFor();
        }

        int exitStatus() throws InterruptedException {
            return process.waitFor();
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }
}
