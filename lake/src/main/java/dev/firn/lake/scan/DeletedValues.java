package dev.firn.lake.scan;

import dev.firn.lake.scan.ComparedRows.Strings;
import dev.firn.lake.scan.ComparedRows.Values;
import dev.firn.lake.scan.ComparedRows.Words;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.iceberg.types.Type;

/// One column of the deleted rows, in growable primitive arrays whose memory is reserved before it is allocated. Filled
/// by one thread at a time, then read by many.
abstract sealed class DeletedValues {
    private final DeleteMemory memory;
    private long[] nulls = new long[0];

    private DeletedValues(DeleteMemory memory) {
        this.memory = memory;
    }

    static DeletedValues of(Type type, DeleteMemory memory) {
        return switch (type.typeId()) {
            case STRING, BINARY, FIXED, UUID, DECIMAL -> new OfStrings(memory);
            case BOOLEAN, INTEGER, LONG, FLOAT, DOUBLE, DATE, TIME, TIMESTAMP, TIMESTAMP_NANO -> new OfWords(memory);
            case STRUCT, LIST, MAP, VARIANT, UNKNOWN, GEOMETRY, GEOGRAPHY ->
                throw new IllegalArgumentException(
                        "equality deletes by a column of type " + type + " are not supported");
        };
    }

    /// Reserves space for a total of `rows` rows.
    final void reserve(int rows) {
        if (nulls.length > 0) {
            nulls = grown(nulls, (rows + 63) >>> 6);
        }
        reserveValues(rows);
    }

    /// Sets row `at`, which is reserved, to row `row` of `source`.
    final void set(int at, int capacity, Values source, int row) {
        boolean isNull = source.nulls().isNull(row);
        if (isNull) {
            if (nulls.length == 0) {
                nulls = grown(nulls, (capacity + 63) >>> 6);
            }
            nulls[at >>> 6] |= 1L << at;
        }
        setValue(at, source, row, isNull);
    }

    final boolean equal(int at, Values other, int row) {
        boolean isNull = nulls.length > 0 && (nulls[at >>> 6] & (1L << at)) != 0;
        boolean otherIsNull = other.nulls().isNull(row);
        return isNull == otherIsNull && (isNull || valueEquals(at, other, row));
    }

    /// Adds rows `from` and following to the hashes, as [ComparedRows] does.
    final void addHashes(int from, int count, long[] hashes) {
        for (int i = 0; i < count; i++) {
            int at = from + i;
            boolean isNull = nulls.length > 0 && (nulls[at >>> 6] & (1L << at)) != 0;
            hashes[i] = ComparedRows.combined(hashes[i], isNull ? ComparedRows.NULL_HASH : hashOfValue(at));
        }
    }

    abstract long hashOfValue(int at);

    abstract void reserveValues(int rows);

    abstract void setValue(int at, Values source, int row, boolean isNull);

    abstract boolean valueEquals(int at, Values other, int row);

    /// Releases the old array after reserving the new one, since both exist for a moment.
    final long[] grown(long[] array, int length) {
        memory.reserve((long) length * Long.BYTES);
        long[] larger = Arrays.copyOf(array, length);
        memory.release((long) array.length * Long.BYTES);
        return larger;
    }

    static final class OfWords extends DeletedValues {
        private long[] values = new long[0];

        OfWords(DeleteMemory memory) {
            super(memory);
        }

        @Override
        void reserveValues(int rows) {
            values = grown(values, rows);
        }

        @Override
        void setValue(int at, Values source, int row, boolean isNull) {
            values[at] = isNull ? 0 : ((Words) source).values()[row];
        }

        @Override
        long hashOfValue(int at) {
            return ComparedRows.mixed(values[at]);
        }

        @Override
        boolean valueEquals(int at, Values other, int row) {
            return values[at] == ((Words) other).values()[row];
        }
    }

    /// Byte strings in pages, so that their total size can exceed the limit of one array.
    static final class OfStrings extends DeletedValues {
        private static final int PAGE_BYTES = 1 << 20;
        private static final int FIRST_PAGE_BYTES = 1 << 10;

        private final DeleteMemory memory;
        private final List<byte[]> pages = new ArrayList<>();
        private int used;
        /// Page number in the upper 32 bits, offset in the page in the lower.
        private long[] starts = new long[0];

        private int[] lengths = new int[0];

        OfStrings(DeleteMemory memory) {
            super(memory);
            this.memory = memory;
        }

        @Override
        void reserveValues(int rows) {
            starts = grown(starts, rows);
            memory.reserve((long) rows * Integer.BYTES);
            int[] larger = Arrays.copyOf(lengths, rows);
            memory.release((long) lengths.length * Integer.BYTES);
            lengths = larger;
        }

        @Override
        void setValue(int at, Values source, int row, boolean isNull) {
            if (isNull) {
                return;
            }
            var strings = ((Strings) source).values();
            int from = strings.offsets()[row];
            int length = strings.offsets()[row + 1] - from;
            int start = room(length);
            System.arraycopy(strings.data(), from, pages.getLast(), start, length);
            starts[at] = ((long) (pages.size() - 1) << 32) | start;
            lengths[at] = length;
        }

        /// Reserves `length` bytes in the last page and returns their offset. The first page is small, like
        /// the deletes of most tables.
        private int room(int length) {
            if (pages.isEmpty() || used + length > pages.getLast().length) {
                int bytes = Math.max(length, pages.isEmpty() ? FIRST_PAGE_BYTES : PAGE_BYTES);
                memory.reserve(bytes);
                pages.add(new byte[bytes]);
                used = 0;
            }
            int start = used;
            used += length;
            return start;
        }

        @Override
        long hashOfValue(int at) {
            int start = (int) starts[at];
            return ComparedRows.hashOf(pages.get((int) (starts[at] >>> 32)), start, start + lengths[at]);
        }

        @Override
        boolean valueEquals(int at, Values other, int row) {
            var strings = ((Strings) other).values();
            int from = strings.offsets()[row];
            int length = lengths[at];
            int start = (int) starts[at];
            return strings.offsets()[row + 1] - from == length
                    && Arrays.equals(
                            pages.get((int) (starts[at] >>> 32)),
                            start,
                            start + length,
                            strings.data(),
                            from,
                            from + length);
        }
    }
}
