package dev.firn.lake.parquet;

import dev.firn.engine.BytesColumn;
import dev.firn.engine.Column;
import dev.firn.engine.DictionaryColumn;
import dev.firn.engine.DoubleColumn;
import dev.firn.engine.LongColumn;
import dev.firn.lake.columns.ColumnCache;
import dev.firn.lake.columns.ColumnKey;
import dev.firn.lake.columns.ColumnLayout.Form;
import dev.firn.lake.columns.ColumnSource;
import dev.firn.lake.columns.ColumnWriter;
import dev.firn.lake.storage.MetadataCache;
import dev.firn.lake.storage.StoreInput;
import dev.firn.lake.storage.TableCaches;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.zip.CRC32C;
import org.apache.iceberg.io.InputFile;

/// A process of [CacheOfProcessesTest]: reads a file through a cache of columns, and does what standard input says.
///
/// - `read`: reads half of the row groups twice, and waits until the cache has what it wants; prints a digest of each
/// - `half`: writes half of a column, says so, and hangs
/// - anything else: prints what the cache has counted, and ends
final class CacheProcess {
    private static final Duration FILL_LIMIT = Duration.ofMinutes(1);

    private CacheProcess() {}

    /// Arguments: the file, the folder of the cache, its size and a seed.
    public static void main(String[] arguments) throws IOException, InterruptedException {
        Random random = new Random(Long.parseLong(arguments[3]));
        try (ColumnCache cache =
                        ColumnCache.open(Path.of(arguments[1]), Long.parseLong(arguments[2]), InstantSource.system());
                BufferedReader commands =
                        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            while (true) {
                String command = commands.readLine();
                if ("read".equals(command)) {
                    Map<Integer, String> digests = new TreeMap<>();
                    long groups = random.nextLong();
                    for (int pass = 0; pass < 2; pass++) {
                        digests.putAll(digests(Path.of(arguments[0]), cache, groups));
                    }
                    say(cache.awaitFills(FILL_LIMIT) ? digests.toString() : "not written");
                } else if ("half".equals(command)) {
                    hangHalfWay(cache);
                } else {
                    say("%d hits, %d evictions, %d damaged, %d failures"
                            .formatted(cache.hits(), cache.evictions(), cache.damaged(), cache.writeFailures()));
                    return;
                }
            }
        }
    }

    private static void say(String line) {
        System.out.println(line);
        System.out.flush();
    }

    /// A digest of all columns of each row group whose bit is set.
    static Map<Integer, String> digests(Path path, ColumnCache cache, long groups) {
        InputFile input = StoreInput.of(org.apache.iceberg.Files.localInput(path.toFile()))
                .keptIn(new TableCaches(MetadataCache.NONE, cache).ofTable("test", "owner"));
        Map<Integer, String> digests = new TreeMap<>();
        try (ParquetFile file = ParquetFile.open(input, new LongAdder());
                ReadBuffers buffers = new ReadBuffers()) {
            for (int group = 0; group < file.rowGroups().size(); group++) {
                if ((groups & 1L << group) != 0) {
                    CRC32C digest = new CRC32C();
                    int rows = Math.toIntExact(file.rowGroups().get(group).getRowCount());
                    for (String name : file.columnNames()) {
                        try (ColumnCursor cursor = file.keyCursor(group, file.column(name), buffers, null)) {
                            cursor.read(rows);
                            add(cursor.take(), digest);
                        }
                    }
                    digests.put(group, Long.toHexString(digest.getValue()));
                }
            }
        }
        return digests;
    }

    private static void add(Column read, CRC32C digest) {
        Column column = read instanceof DictionaryColumn ids ? ids.expanded() : read;
        for (int row = 0; row < column.size(); row++) {
            digest.update((value(column, row) + ";").getBytes(StandardCharsets.UTF_8));
        }
    }

    private static String value(Column column, int row) {
        if (column.isNull(row)) {
            return "null";
        }
        return switch (column) {
            case LongColumn of -> Long.toString(of.values()[row]);
            case DoubleColumn of -> Double.toString(of.values()[row]);
            case BytesColumn of -> of.string(row);
            default -> throw new IllegalStateException(column.toString());
        };
    }

    private static void hangHalfWay(ColumnCache cache) throws InterruptedException {
        ColumnKey key = new ColumnKey("test", "s3://b/other", "etag", 0, "value", "NONE");
        cache.missed(key, ColumnCache.Use.JOIN, new HalfOfAColumn());
        cache.missed(key, ColumnCache.Use.JOIN, new HalfOfAColumn());
        cache.awaitFills(FILL_LIMIT);
    }

    private record HalfOfAColumn() implements ColumnSource, ColumnSource.Opening {
        private static final int ROWS = 100_000;

        @Override
        public Form form() {
            return Form.LONGS;
        }

        @Override
        public int width() {
            return Long.BYTES;
        }

        @Override
        public long rows() {
            return 2L * ROWS;
        }

        @Override
        public void writeTo(ColumnWriter target) throws IOException {
            target.rows(ROWS, MemorySegment.ofArray(new long[ROWS]));
            say("half");
            try {
                boolean never = new CountDownLatch(1).await(1, TimeUnit.MINUTES);
                throw new IOException("nobody ended this process: " + never);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public long estimatedBytes() {
            return 1;
        }

        @Override
        public ColumnSource open() {
            return this;
        }

        @Override
        public void close() {}
    }
}
