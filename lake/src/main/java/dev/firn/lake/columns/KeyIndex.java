package dev.firn.lake.columns;

import dev.firn.lake.columns.ColumnLayout.Form;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Where the rows of a key are within a column chunk. It is kept like a column of ints, the words:
///
/// ```
/// starts     one per bucket and one more: where the bucket's entries begin
/// entries    one per row, by bucket and then by row: bits of the hash | the row
/// ```
///
/// The high bits of a row's hash name its bucket of about eight rows. The bits of an entry that the row does not need
/// hold low bits of the high half of the hash, so that hardly any other key passes: 15 bits in a chunk of 120,000 rows,
/// 10 in the largest. The index never leaves out a row of a key; whoever uses it compares keys.
///
/// It takes 4.5 bytes for each row. A lookup touches three places, whatever the size of the chunk.
public final class KeyIndex {
    /// Building takes about nine bytes of memory for each row.
    public static final int MAX_ROWS = 1 << 22;

    private static final int ROWS_PER_BUCKET_LOG = 3;

    private final int rows;
    private final int rowBits;
    private final int bucketBits;

    /// The index of a chunk of so many rows, 1 to [#MAX_ROWS].
    public KeyIndex(int rows) {
        this.rows = rows;
        this.rowBits = Integer.SIZE - Integer.numberOfLeadingZeros(rows - 1);
        this.bucketBits = Math.max(0, rowBits - ROWS_PER_BUCKET_LOG);
    }

    /// The size of the index.
    public int words() {
        return (1 << bucketBits) + 1 + rows;
    }

    /// Computes the words.
    ///
    /// @param hashes the high half of each row's hash
    public int[] of(int[] hashes) {
        int[] words = new int[words()];
        for (int row = 0; row < rows; row++) {
            words[bucket(hashes[row]) + 1]++;
        }
        int firstEntry = (1 << bucketBits) + 1;
        for (int bucket = 1; bucket < firstEntry; bucket++) {
            words[bucket] += words[bucket - 1];
        }
        int[] next = Arrays.copyOf(words, firstEntry);
        for (int row = 0; row < rows; row++) {
            words[firstEntry + next[bucket(hashes[row])]++] = bits(hashes[row]) | row;
        }
        return words;
    }

    private int bucket(int hash) {
        return (int) ((hash & 0xFFFF_FFFFL) >>> (Integer.SIZE - bucketBits));
    }

    /// What an entry holds beside the row.
    private int bits(int hash) {
        return (int) ((hash & 0xFFFF_FFFFL) << rowBits);
    }

    /// The rows that may have one of these hashes, ascending and distinct; null if there are more than `most`. The
    /// caller holds the index.
    public int @Nullable [] rows(StoredColumn index, long[] hashes, int most) throws DamagedColumnException {
        if (index.layout().form() != Form.INTS || index.layout().rows() != words()) {
            throw new DamagedColumnException("it is not an index of %d rows".formatted(rows));
        }
        MemorySegment words = index.values();
        int[] found = new int[Math.min(most, 16)];
        int count = 0;
        for (long hash : hashes) {
            int half = (int) (hash >>> 32);
            int bucket = bucket(half);
            index.checkValues(bucket, bucket + 2L);
            long firstEntry = (1L << bucketBits) + 1;
            long from = firstEntry + word(words, bucket);
            long to = firstEntry + word(words, bucket + 1L);
            index.checkValues(from, to);
            for (long at = from; at < to; at++) {
                int difference = word(words, at) ^ bits(half);
                if (difference >>> rowBits != 0) {
                    continue;
                }
                if (count == most) {
                    return null;
                }
                if (count == found.length) {
                    found = Arrays.copyOf(found, Math.min(most, 2 * count));
                }
                found[count++] = difference;
            }
        }
        return Arrays.stream(found, 0, count).sorted().distinct().toArray();
    }

    private static int word(MemorySegment words, long at) {
        return words.get(ValueLayout.JAVA_INT_UNALIGNED, at * Integer.BYTES);
    }
}
