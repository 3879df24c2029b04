package dev.firn.lake.columns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.lake.columns.ColumnLayout.Form;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The index alone: which rows it finds for a hash.
final class KeyIndexTest {
    private static final ColumnKey KEY = new ColumnKey("t", "s3://b/f.parquet", "etag 1", 0, "key", "rows by key");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private Path write(int[] words) throws IOException {
        Path file = folder.resolve("index");
        try (ColumnWriter writer = new ColumnWriter(
                FileChannel.open(
                        file,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE),
                Form.INTS,
                Integer.BYTES,
                words.length)) {
            writer.rows(words.length, MemorySegment.ofArray(words));
            writer.finish(KEY.bytes());
        }
        return file;
    }

    private static int @Nullable [] find(Path file, int rows, int most, int... hashes)
            throws IOException, DamagedColumnException {
        StoredColumn stored = StoredColumn.open(file, KEY);
        try {
            long[] whole = Arrays.stream(hashes)
                    .mapToLong(hash -> (long) hash << 32 | 5)
                    .toArray();
            return new KeyIndex(rows).rows(stored, whole, most);
        } finally {
            stored.release();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 8, 9, 16, 17, 1_000, 20_000})
    void findsAllRowsOfAHashAndHardlyAnyOther(int rows) throws Exception {
        Random random = new Random(rows);
        int[] often = random.ints(5).toArray();
        int[] hashes = new int[rows];
        for (int row = 0; row < rows; row++) {
            hashes[row] = random.nextBoolean() ? random.nextInt() : often[random.nextInt(often.length)];
        }
        Path file = write(new KeyIndex(rows).of(hashes));
        int wrong = 0;
        for (int trial = 0; trial < 40; trial++) {
            int wanted = trial % 2 == 0 ? hashes[random.nextInt(rows)] : random.nextInt();
            int other = hashes[random.nextInt(rows)];
            int[] found = Objects.requireNonNull(find(file, rows, 3 * rows, wanted, other, wanted));
            IntPredicate matches = row -> hashes[row] == wanted || hashes[row] == other;
            int[] expected = IntStream.range(0, rows).filter(matches).toArray();
            assertThat(IntStream.of(found).filter(matches).toArray())
                    .as("%d rows", rows)
                    .isEqualTo(expected);
            assertThat(IntStream.of(found).sorted().distinct().toArray()).isEqualTo(found);
            wrong += found.length - expected.length;
        }
        assertThat(wrong).isLessThan(20);
    }

    @Test
    void findsNoneIfThereAreMoreThanAskedFor() throws Exception {
        int[] hashes = new int[100];
        Arrays.fill(hashes, 40, 60, 7);
        Path file = write(new KeyIndex(100).of(hashes));
        assertThat(find(file, 100, 20, 7)).isEqualTo(IntStream.range(40, 60).toArray());
        assertThat(find(file, 100, 19, 7)).isNull();
    }

    @Test
    void eachFlippedByteShows() throws Exception {
        int[] hashes = new Random(1).ints(500).toArray();
        byte[] whole = Files.readAllBytes(write(new KeyIndex(500).of(hashes)));
        for (int at = 0; at < whole.length; at += 31) {
            byte[] flipped = whole.clone();
            flipped[at] ^= 4;
            Path copy = Files.write(folder.resolve("flipped"), flipped);
            assertThatThrownBy(() -> find(copy, 500, 500, hashes))
                    .as("byte %d", at)
                    .isInstanceOf(DamagedColumnException.class);
        }
    }

    @Test
    void theIndexOfAnotherNumberOfRowsIsNotBelieved() throws Exception {
        Path file = write(new KeyIndex(500).of(new int[500]));
        assertThatThrownBy(() -> find(file, 501, 501, 0))
                .isInstanceOf(DamagedColumnException.class)
                .hasMessageContaining("501 rows");
    }

    /// Small ones save nothing, and many keys are streamed as fast.
    @Test
    void onlyFewKeysOfManyRowsAreLookedUp() {
        assertThat(KeyLookups.OF_FEW_KEYS.mostRows(16_383, 1)).isZero();
        assertThat(KeyLookups.OF_FEW_KEYS.mostRows(16_384, 256)).isEqualTo(2_048);
        assertThat(KeyLookups.OF_FEW_KEYS.mostRows(16_384, 257)).isZero();
    }
}
