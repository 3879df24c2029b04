package dev.firn.lake.columns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.lake.columns.ColumnCache.Use;
import dev.firn.lake.columns.ColumnLayout.Form;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Proxy;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The store alone: what is written, found, evicted and swept.
final class ColumnCacheTest {
    private static final int ROWS = 1_000;

    /// Header, a thousand long values, one checksum.
    private static final long FILE_BYTES = 4_096 + ROWS * 8 + 4;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2024-01-01T00:00:00Z"));
    private final List<ColumnCache> open = new ArrayList<>();

    @AfterEach
    void close() {
        open.forEach(ColumnCache::close);
    }

    private ColumnCache cache(long maxBytes) {
        ColumnCache cache = ColumnCache.open(folder.resolve("cache"), maxBytes, now::get);
        open.add(cache);
        return cache;
    }

    private static ColumnKey key(int rowGroup) {
        return new ColumnKey("t", "s3://b/f.parquet", "etag 1", rowGroup, "value", "NONE");
    }

    /// The numbers from `first` on.
    private record Numbers(long first, AtomicInteger opened) implements ColumnSource, ColumnSource.Opening {
        Numbers(long first) {
            this(first, new AtomicInteger());
        }

        @Override
        public ColumnSource open() {
            opened.incrementAndGet();
            return this;
        }

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
            return ROWS;
        }

        @Override
        public long estimatedBytes() {
            return ROWS * Long.BYTES;
        }

        @Override
        public void writeTo(ColumnWriter target) throws IOException {
            long[] values = new long[ROWS];
            for (int i = 0; i < ROWS; i++) {
                values[i] = first + i;
            }
            target.rows(ROWS, MemorySegment.ofArray(values));
        }

        @Override
        public void close() {}
    }

    private void use(ColumnCache cache, int rowGroup) {
        now.updateAndGet(time -> time.plusSeconds(1));
        Optional<StoredColumn> found = cache.find(key(rowGroup));
        if (found.isPresent()) {
            found.get().release();
        } else {
            cache.missed(key(rowGroup), Use.JOIN, new Numbers(rowGroup));
        }
    }

    private void fill(ColumnCache cache, int... rowGroups) throws InterruptedException {
        for (int rowGroup : rowGroups) {
            use(cache, rowGroup);
            use(cache, rowGroup);
            assertThat(cache.awaitFills(Duration.ofSeconds(20))).isTrue();
        }
    }

    private static boolean holds(ColumnCache cache, int rowGroup) throws DamagedColumnException {
        Optional<StoredColumn> found = cache.find(key(rowGroup));
        if (found.isEmpty()) {
            return false;
        }
        try {
            found.get().checkValues(0, ROWS);
            assertThat(found.get().values().toArray(ValueLayout.JAVA_LONG_UNALIGNED))
                    .startsWith(rowGroup, rowGroup + 1L)
                    .hasSize(ROWS);
            return true;
        } finally {
            found.get().release();
        }
    }

    private List<Path> files() {
        try (Stream<Path> files = Files.list(folder.resolve("cache"))) {
            return files.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aColumnIsWrittenFromItsSecondUseOn() throws Exception {
        ColumnCache cache = cache(1 << 20);
        use(cache, 1);
        assertThat(cache.awaitFills(Duration.ofSeconds(20))).isTrue();
        assertThat(holds(cache, 1)).isFalse();
        use(cache, 1);
        assertThat(cache.awaitFills(Duration.ofSeconds(20))).isTrue();
        assertThat(holds(cache, 1)).isTrue();
        assertThat(cache.bytes()).isEqualTo(FILE_BYTES);
        assertThat(cache.entries()).isOne();
        assertThat(cache.hits()).isOne();
        assertThat(Files.size(files().getFirst())).isEqualTo(FILE_BYTES);
    }

    @Test
    void onlyTheOwnerMayReadIt() throws Exception {
        fill(cache(1 << 20), 1);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(files().getFirst())))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("cache"))))
                .isEqualTo("rwx------");
    }

    @Test
    void theNextProcessFindsIt() throws Exception {
        ColumnCache before = cache(1 << 20);
        fill(before, 1, 2);
        before.close();
        ColumnCache after = cache(1 << 20);
        assertThat(after.entries()).isEqualTo(2);
        assertThat(holds(after, 1)).isTrue();
        assertThat(holds(after, 3)).isFalse();
    }

    @Test
    void anotherProcessThatSharesTheFolderFindsItAtOnce() throws Exception {
        ColumnCache one = cache(1 << 20);
        ColumnCache other = cache(1 << 20);
        fill(one, 1);
        assertThat(holds(other, 1)).isTrue();
        assertThat(other.bytes()).isEqualTo(FILE_BYTES);
    }

    @Test
    void whatAnotherProcessWroteCountsAsSoonAsTheFolderIsListed() throws Exception {
        ColumnCache one = cache(3 * FILE_BYTES);
        ColumnCache other = cache(3 * FILE_BYTES);
        fill(one, 1, 2);
        now.updateAndGet(time -> time.plusSeconds(60));
        fill(other, 3, 4);
        assertThat(files()).hasSizeLessThanOrEqualTo(3);
        assertThat(other.evictions()).isPositive();
        // its file is gone; what was found while it was there stays whole
        assertThat(holds(one, 1)).isFalse();
        assertThat(holds(one, 4)).isTrue();
    }

    @Test
    void theLeastRecentlyUsedMakesRoom() throws Exception {
        ColumnCache cache = cache(3 * FILE_BYTES);
        fill(cache, 1, 2, 3);
        use(cache, 1);
        fill(cache, 4);
        assertThat(holds(cache, 2)).isFalse();
        assertThat(holds(cache, 1)).isTrue();
        assertThat(holds(cache, 3)).isTrue();
        assertThat(holds(cache, 4)).isTrue();
        assertThat(cache.evictions()).isOne();
        assertThat(cache.bytes()).isLessThanOrEqualTo(cache.maxBytes());
    }

    @Test
    void aTableLargerThanTheCacheDoesNotPushItselfOut() throws Exception {
        ColumnCache cache = cache(3 * FILE_BYTES);
        for (int scan = 0; scan < 4; scan++) {
            for (int rowGroup = 0; rowGroup < 6; rowGroup++) {
                use(cache, rowGroup);
            }
            assertThat(cache.awaitFills(Duration.ofSeconds(20))).isTrue();
        }
        assertThat(cache.entries()).isEqualTo(3);
        assertThat(cache.evictions()).isZero();
    }

    @Test
    void aColumnLargerThanTheCacheIsNotRead() throws Exception {
        ColumnCache cache = cache(1_000);
        Numbers numbers = new Numbers(1);
        cache.missed(key(1), Use.JOIN, numbers);
        cache.missed(key(1), Use.JOIN, numbers);
        assertThat(cache.awaitFills(Duration.ofSeconds(20))).isTrue();
        assertThat(files()).isEmpty();
    }

    @Test
    void aMappingInUseOutlivesItsEviction() throws Exception {
        ColumnCache cache = cache(FILE_BYTES);
        fill(cache, 1);
        StoredColumn held = cache.find(key(1)).orElseThrow();
        fill(cache, 2);
        assertThat(holds(cache, 1)).isFalse();
        held.checkValues(0, ROWS);
        MemorySegment values = held.values();
        assertThat(values.getAtIndex(ValueLayout.JAVA_LONG_UNALIGNED, 0)).isEqualTo(1L);
        held.release();
        assertThatThrownBy(() -> values.getAtIndex(ValueLayout.JAVA_LONG_UNALIGNED, 0))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void eachFlippedByteShows() throws Exception {
        ColumnCache cache = cache(1 << 20);
        fill(cache, 1);
        cache.close();
        Path file = files().getFirst();
        byte[] whole = Files.readAllBytes(file);
        for (int at = 0; at < whole.length; at += 61) {
            byte[] flipped = whole.clone();
            flipped[at] ^= 4;
            Path copy = Files.write(folder.resolve("flipped"), flipped);
            assertThatThrownBy(() -> {
                        StoredColumn column = StoredColumn.open(copy, key(1));
                        try {
                            column.checkValues(0, ROWS);
                        } finally {
                            column.release();
                        }
                    })
                    .as("byte %d", at)
                    .isInstanceOf(DamagedColumnException.class);
        }
    }

    @Test
    void eachCutAndEachSurplusShows() throws Exception {
        ColumnCache cache = cache(1 << 20);
        fill(cache, 1);
        cache.close();
        byte[] whole = Files.readAllBytes(files().getFirst());
        for (int length = 0; length < whole.length + 200; length += 97) {
            Path copy = Files.write(folder.resolve("cut"), java.util.Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> StoredColumn.open(copy, key(1)))
                    .as("%d bytes", length)
                    .isInstanceOf(DamagedColumnException.class);
        }
    }

    @Test
    void aDamagedFileIsDeletedAndWrittenAgain() throws Exception {
        ColumnCache before = cache(1 << 20);
        fill(before, 1);
        before.close();
        Files.write(files().getFirst(), new byte[100]);
        ColumnCache cache = cache(1 << 20);
        assertThat(cache.find(key(1))).isEmpty();
        assertThat(cache.damaged()).isOne();
        assertThat(files()).isEmpty();
        assertThat(cache.bytes()).isZero();
        fill(cache, 1);
        assertThat(holds(cache, 1)).isTrue();
    }

    @Test
    void aFileUnderTheNameOfAnotherColumnIsNotBelieved() throws Exception {
        ColumnCache before = cache(1 << 20);
        fill(before, 1);
        before.close();
        Files.move(files().getFirst(), folder.resolve("cache").resolve(key(2).fileName()));
        ColumnCache cache = cache(1 << 20);
        assertThat(cache.find(key(2))).isEmpty();
        assertThat(cache.damaged()).isOne();
    }

    @Test
    void columnsOfAnotherVersionAreSweptAtTheStart() throws Exception {
        ColumnCache before = cache(1 << 20);
        fill(before, 1, 2);
        before.close();
        String name = key(1).fileName();
        String hash = name.substring(0, name.indexOf('.'));
        Path cacheFolder = folder.resolve("cache");
        for (String other : List.of(".column", ".1.column", ".99.column")) {
            Files.copy(cacheFolder.resolve(name), cacheFolder.resolve(hash + other));
        }
        ColumnCache cache = cache(1 << 20);
        assertThat(files())
                .containsExactlyInAnyOrder(cacheFolder.resolve(name), cacheFolder.resolve(key(2).fileName()));
        assertThat(cache.entries()).isEqualTo(2);
        assertThat(holds(cache, 1)).isTrue();
        assertThat(cache.damaged()).isZero();
    }

    /// Its worker may still run: a newer one takes over while an older one drains.
    @Test
    void whatAnotherVersionWritesLaterCountsAndMakesRoom() throws Exception {
        ColumnCache cache = cache(2 * FILE_BYTES);
        fill(cache, 1);
        String hash = key(9).fileName().replaceFirst("[.].*", "");
        Path other = folder.resolve("cache").resolve(hash + ".1.column");
        Files.write(other, new byte[(int) FILE_BYTES]);
        Files.setLastModifiedTime(other, FileTime.from(instant().minusSeconds(60)));
        now.updateAndGet(time -> time.plusSeconds(60));
        fill(cache, 2);
        assertThat(other).doesNotExist();
        assertThat(cache.evictions()).isOne();
        assertThat(holds(cache, 1)).isTrue();
        assertThat(holds(cache, 2)).isTrue();
    }

    /// A file of another version that somebody has renamed.
    @Test
    void aHeaderOfAnotherVersionIsNotBelieved() throws Exception {
        ColumnCache before = cache(1 << 20);
        fill(before, 1);
        before.close();
        byte[] bytes = Files.readAllBytes(files().getFirst());
        System.arraycopy("FIRNCOL1".getBytes(StandardCharsets.US_ASCII), 0, bytes, 0, 8);
        Files.write(files().getFirst(), bytes);
        ColumnCache cache = cache(1 << 20);
        assertThat(cache.find(key(1))).isEmpty();
        assertThat(cache.damaged()).isOne();
        assertThat(files()).isEmpty();
    }

    private Instant instant() {
        return Objects.requireNonNull(now.get());
    }

    @Test
    void whatAKilledProcessLeftIsSwept() throws Exception {
        cache(1 << 20).close();
        Path old = Files.write(folder.resolve("cache").resolve(UUID.randomUUID() + ".writing"), new byte[10]);
        Path young = Files.write(folder.resolve("cache").resolve(UUID.randomUUID() + ".writing"), new byte[10]);
        Files.setLastModifiedTime(old, FileTime.from(instant().minus(Duration.ofMinutes(11))));
        Files.setLastModifiedTime(young, FileTime.from(instant()));
        cache(1 << 20);
        assertThat(files()).containsExactly(young);
    }

    @Test
    void aSmallerBoundEvictsAtTheStart() throws Exception {
        ColumnCache before = cache(1 << 20);
        fill(before, 1, 2, 3);
        before.close();
        ColumnCache cache = cache(FILE_BYTES);
        assertThat(files()).hasSize(1);
        assertThat(cache.bytes()).isEqualTo(FILE_BYTES);
    }

    @Test
    void aFailedWriteTurnsWritingOffForAWhile() throws Exception {
        ColumnCache cache = cache(1 << 20);
        fill(cache, 1);
        cache.find(key(1)).orElseThrow().release();
        Files.delete(files().getFirst());
        Files.delete(folder.resolve("cache"));
        fill(cache, 2);
        assertThat(cache.writeFailures()).isOne();
        Files.createDirectory(folder.resolve("cache"));
        fill(cache, 3);
        assertThat(cache.writeFailures()).isOne();
        assertThat(files()).isEmpty();
        assertThat(holds(cache, 1)).as("what is open stays").isTrue();
        now.updateAndGet(time -> time.plus(ColumnCache.PAUSE));
        fill(cache, 3);
        assertThat(files()).hasSize(1);
    }

    @Test
    void aSourceThatFailsLeavesNothing() throws Exception {
        ColumnCache cache = cache(1 << 20);
        ColumnSource.Opening failing = new ColumnSource.Opening() {
            @Override
            public long estimatedBytes() {
                return 1;
            }

            @Override
            public ColumnSource open() {
                throw new IllegalStateException("damaged");
            }

            @Override
            public void close() {}
        };
        cache.missed(key(1), Use.JOIN, failing);
        cache.missed(key(1), Use.JOIN, failing);
        assertThat(cache.awaitFills(Duration.ofSeconds(20))).isTrue();
        assertThat(files()).isEmpty();
        assertThat(cache.writeFailures()).isZero();
    }

    @Test
    void joinColumnsAreWrittenFirstAndWhatDoesNotFitInTheQueueIsDropped() throws Exception {
        ColumnFills fills = new ColumnFills();
        List<String> done = new ArrayList<>();
        AtomicInteger dropped = new AtomicInteger();
        CountDownLatch go = new CountDownLatch(1);
        CountDownLatch began = new CountDownLatch(1);
        fills.add(
                "first",
                Use.VALUES,
                () -> {
                    began.countDown();
                    awaitQuietly(go);
                },
                () -> {});
        began.await();
        fills.add("value", Use.VALUES, () -> done.add("value"), () -> {});
        fills.add("join", Use.JOIN, () -> done.add("join"), () -> {});
        fills.add("join", Use.JOIN, () -> done.add("join again"), () -> {});
        for (int i = 0; i < ColumnFills.MAX_WAITING; i++) {
            fills.add("more " + i, Use.VALUES, () -> {}, dropped::incrementAndGet);
        }
        assertThat(dropped).hasValue(3);
        go.countDown();
        assertThat(fills.await(Duration.ofSeconds(20))).isTrue();
        fills.close();
        assertThat(done).containsExactly("join", "value");
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aColumnWithoutRoomIsNotOpened() throws Exception {
        ColumnCache cache = cache(1_000);
        Numbers numbers = new Numbers(1);
        for (int use = 0; use < 4; use++) {
            cache.missed(key(1), Use.JOIN, numbers);
            assertThat(cache.awaitFills(Duration.ofSeconds(20))).isTrue();
        }
        assertThat(numbers.opened()).hasValue(0);
    }

    @Test
    void aSourceThatFailsIsLeftAloneForAWhile() throws Exception {
        ColumnCache cache = cache(1 << 20);
        AtomicInteger opened = new AtomicInteger();
        ColumnSource.Opening failing = new ColumnSource.Opening() {
            @Override
            public long estimatedBytes() {
                return 1;
            }

            @Override
            public ColumnSource open() {
                opened.incrementAndGet();
                throw new IllegalStateException("damaged");
            }

            @Override
            public void close() {}
        };
        for (int use = 0; use < 10; use++) {
            cache.missed(key(1), Use.JOIN, failing);
            assertThat(cache.awaitFills(Duration.ofSeconds(20))).isTrue();
        }
        assertThat(opened).as("reads in vain").hasValue(1);
        now.updateAndGet(time -> time.plus(ColumnCache.PAUSE));
        fill(cache, 1);
        assertThat(holds(cache, 1)).isTrue();
    }

    /// An operator may delete files at any time.
    @Test
    void filesThatAreDeletedWhileAColumnIsWrittenAreNoFailure() throws Exception {
        ColumnCache cache = cache(1 << 20);
        Numbers numbers = new Numbers(1);
        ColumnSource deleting = (ColumnSource) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {ColumnSource.class}, (_, method, args) -> {
                    Object answer = method.invoke(numbers, args);
                    if (method.getName().equals("writeTo")) {
                        for (Path file : files()) {
                            Files.delete(file);
                        }
                    }
                    return answer;
                });
        ColumnSource.Opening opening = new ColumnSource.Opening() {
            @Override
            public long estimatedBytes() {
                return 1;
            }

            @Override
            public ColumnSource open() {
                return deleting;
            }

            @Override
            public void close() {}
        };
        cache.missed(key(1), Use.JOIN, opening);
        cache.missed(key(1), Use.JOIN, opening);
        assertThat(cache.awaitFills(Duration.ofSeconds(20))).isTrue();
        assertThat(cache.writeFailures()).isZero();
        fill(cache, 2);
        assertThat(holds(cache, 2)).isTrue();
    }

    @Test
    void filesOfOthersAreNeitherCountedNorDeleted() throws Exception {
        Path cacheFolder = Files.createDirectories(folder.resolve("cache"));
        Path notes = Files.writeString(cacheFolder.resolve("report.writing"), "mine");
        Files.setLastModifiedTime(notes, FileTime.from(instant().minus(Duration.ofDays(1))));
        Files.createDirectories(cacheFolder.resolve("folder.column").resolve("within"));
        Files.createSymbolicLink(cacheFolder.resolve(key(1).fileName()), notes);
        ColumnCache cache = cache(FILE_BYTES);
        assertThat(cache.entries()).isZero();
        fill(cache, 2);
        assertThat(holds(cache, 2)).isTrue();
        assertThat(notes).hasContent("mine");
        assertThat(cacheFolder.resolve("folder.column")).isDirectory();
    }

    @Test
    void columnsMakeRoomWhileOthersAreUsed() throws Exception {
        int columns = 500;
        ColumnCache cache = cache(columns * FILE_BYTES);
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < columns; i++) {
                use(cache, i);
            }
        }
        assertThat(cache.awaitFills(Duration.ofSeconds(20))).isTrue();
        assertThat(cache.entries()).isEqualTo(columns);
        AtomicBoolean done = new AtomicBoolean();
        List<Thread> readers = new ArrayList<>();
        for (int reader = 0; reader < 2; reader++) {
            readers.add(Thread.ofPlatform().start(() -> {
                for (int i = 0; !done.get(); i = (i + 7) % (columns / 2)) {
                    use(cache, i);
                }
            }));
        }
        try {
            for (int i = columns; i < columns + 200; i++) {
                cache.missed(key(i), Use.JOIN, new Numbers(i));
                cache.missed(key(i), Use.JOIN, new Numbers(i));
            }
            assertThat(cache.awaitFills(Duration.ofSeconds(20))).isTrue();
        } finally {
            done.set(true);
            for (Thread reader : readers) {
                reader.join();
            }
        }
        assertThat(cache.evictions()).isEqualTo(200);
    }

    /// The same happens if the disk cannot read a page. It killed the process.
    @Test
    void aFileThatIsCutWhileItIsReadIsDamaged() throws Exception {
        ColumnCache cache = cache(1 << 20);
        fill(cache, 1);
        StoredColumn held = cache.find(key(1)).orElseThrow();
        try (FileChannel file = FileChannel.open(files().getFirst(), StandardOpenOption.WRITE)) {
            file.truncate(4_096);
        }
        assertThatThrownBy(() -> held.checkValues(0, ROWS)).isInstanceOf(DamagedColumnException.class);
        held.release();
    }

    @Test
    void twoReadersOfADamagedColumnDoNotDeleteWhatReplacesIt() throws Exception {
        ColumnCache cache = cache(1 << 20);
        fill(cache, 1);
        StoredColumn one = cache.find(key(1)).orElseThrow();
        StoredColumn other = cache.find(key(1)).orElseThrow();
        cache.discard(one, new DamagedColumnException("found by one"));
        one.release();
        fill(cache, 1);
        cache.discard(other, new DamagedColumnException("found by the other"));
        other.release();
        assertThat(holds(cache, 1)).isTrue();
        assertThat(cache.damaged()).isOne();
    }
}
