package dev.firn.lake.parquet;

import dev.firn.engine.Column;
import dev.firn.lake.columns.ColumnCache;
import dev.firn.lake.columns.ColumnLayout;
import dev.firn.lake.columns.DamagedColumnException;
import dev.firn.lake.columns.StoredColumn;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The rows of a column that is kept unpacked, read forwards. Not thread-safe.
///
/// What is read is checked first. If it is damaged, nothing of it was passed on: the column is discarded, and this and
/// all further rows come from the table's file, from the same row on.
final class StoredRows implements AutoCloseable {
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

    private final ColumnCache cache;
    private final StoredColumn stored;
    private final ColumnLayout layout;
    private final MemorySegment values;
    private final MemorySegment data;
    private final boolean isShared;
    private final Supplier<ChunkReader> source;
    private @Nullable ChunkReader reader;
    private @Nullable ByteVector dictionary;
    private int[] scratch = new int[0];
    private long row;

    /// @param stored held; closing releases it
    /// @param isShared whether the file's chunk has a dictionary
    /// @param source opens the column in the table's file
    StoredRows(ColumnCache cache, StoredColumn stored, boolean isShared, Supplier<ChunkReader> source) {
        this.cache = cache;
        this.stored = stored;
        this.layout = stored.layout();
        this.values = stored.values();
        this.data = stored.data();
        this.isShared = isShared;
        this.source = source;
    }

    /// The strings that ids stand for, as far as they are known now.
    Column strings() {
        if (reader != null) {
            return reader.dictionary()
                    .orElseThrow(
                            () -> new CorruptParquetException("a column chunk has dictionary ids but no dictionary"));
        }
        return dictionary == null ? new ByteVector().view() : dictionary.view();
    }

    void skip(long rows) {
        row += rows;
        if (reader != null) {
            reader.skip(rows);
        }
    }

    void read(int count, Vector out) {
        if (reader == null) {
            try {
                requireRows(row + count);
                check(row, count);
                append(row, count, out);
                row += count;
                return;
            } catch (DamagedColumnException e) {
                turnToSource(e).read(count, out);
            }
        } else {
            reader.read(count, out);
        }
        row += count;
    }

    /// Like [#read], but appends ids of the dictionary.
    void readIds(int count, Vector.Ints out) {
        if (reader == null) {
            try {
                requireRows(row + count);
                check(row, count);
                out.reserve(out.size + count);
                codes(row, count, out.values, out.size);
                appendNulls(row, count, out, out.size);
                out.size += count;
                row += count;
                return;
            } catch (DamagedColumnException e) {
                turnToSource(e).readIds(count, out);
            }
        } else {
            reader.readIds(count, out);
        }
        row += count;
    }

    void take(RowSelection wanted, Vector out) {
        if (wanted.size() == 0) {
            return;
        }
        if (reader == null) {
            try {
                requireRows(wanted.row(wanted.size() - 1) + 1);
                for (int i = 0; i < wanted.size(); i++) {
                    check(wanted.row(i), 1);
                }
                takeChecked(wanted, out);
                row = wanted.row(wanted.size() - 1) + 1;
                return;
            } catch (DamagedColumnException e) {
                turnToSource(e).take(wanted, out);
            }
        } else {
            reader.take(wanted, out);
        }
        row = wanted.row(wanted.size() - 1) + 1;
    }

    private void requireRows(long end) {
        if (end > layout.rows()) {
            throw new CorruptParquetException(
                    "a column of %d rows, but row %d was requested".formatted(layout.rows(), end - 1));
        }
    }

    private ChunkReader turnToSource(DamagedColumnException why) {
        cache.discard(stored, why);
        ChunkReader opened = source.get();
        opened.skip(row);
        reader = opened;
        return opened;
    }

    private void check(long from, int count) throws DamagedColumnException {
        stored.checkNulls(from, from + count);
        switch (layout.form()) {
            case STRINGS -> {
                stored.checkOffsets(from, from + count);
                stored.checkData(stored.offset(from), stored.offset(from + count));
            }
            case CODES -> {
                stored.checkValues(from, from + count);
                dictionary();
            }
            case INTS, LONGS, FLOATS, DOUBLES, BOOLEANS -> stored.checkValues(from, from + count);
        }
    }

    private void append(long from, int count, Vector out) {
        int at = out.size;
        switch (layout.form()) {
            case INTS, LONGS, FLOATS, DOUBLES, BOOLEANS -> {
                out.reserve(at + count);
                copy(from, count, out, at);
                out.size = at + count;
            }
            case CODES -> {
                if (scratch.length < count) {
                    scratch = new int[Vector.grown(scratch.length, count)];
                }
                codes(from, count, scratch, 0);
                out.appendIds(checkedDictionary(), scratch, count);
            }
            case STRINGS -> {
                ByteVector strings = (ByteVector) out;
                for (long i = from; i < from + count; i++) {
                    appendString(i, strings);
                }
            }
        }
        appendNulls(from, count, out, at);
    }

    private void takeChecked(RowSelection wanted, Vector out) {
        int at = out.size;
        int count = wanted.size();
        out.reserve(at + count);
        switch (layout.form()) {
            case INTS, LONGS, FLOATS, DOUBLES, BOOLEANS -> {
                takeValues(wanted, out, at);
                out.size = at + count;
            }
            case CODES, STRINGS -> {
                for (int i = 0; i < count; i++) {
                    append(wanted.row(i), 1, out);
                }
                return;
            }
        }
        if (layout.hasNulls()) {
            for (int i = 0; i < count; i++) {
                appendNulls(wanted.row(i), 1, out, at + i);
            }
        }
    }

    private void copy(long from, int count, Vector out, int at) {
        switch (out) {
            case Vector.Longs of -> MemorySegment.copy(values, LONG, from * Long.BYTES, of.values, at, count);
            case Vector.Ints of ->
                MemorySegment.copy(values, ValueLayout.JAVA_INT_UNALIGNED, from * Integer.BYTES, of.values, at, count);
            case Vector.Floats of ->
                MemorySegment.copy(values, ValueLayout.JAVA_FLOAT_UNALIGNED, from * Float.BYTES, of.values, at, count);
            case Vector.Doubles of ->
                MemorySegment.copy(
                        values, ValueLayout.JAVA_DOUBLE_UNALIGNED, from * Double.BYTES, of.values, at, count);
            case Vector.Booleans of -> {
                for (int i = 0; i < count; i++) {
                    of.values[at + i] = values.get(ValueLayout.JAVA_BYTE, from + i) != 0;
                }
            }
            case ByteVector _ -> throw new IllegalStateException("strings kept as " + layout.form());
        }
    }

    private void takeValues(RowSelection wanted, Vector out, int at) {
        int count = wanted.size();
        switch (out) {
            case Vector.Longs of -> {
                for (int i = 0; i < count; i++) {
                    of.values[at + i] = values.get(LONG, wanted.row(i) * Long.BYTES);
                }
            }
            case Vector.Ints of -> {
                for (int i = 0; i < count; i++) {
                    of.values[at + i] = values.get(ValueLayout.JAVA_INT_UNALIGNED, wanted.row(i) * Integer.BYTES);
                }
            }
            case Vector.Floats of -> {
                for (int i = 0; i < count; i++) {
                    of.values[at + i] = values.get(ValueLayout.JAVA_FLOAT_UNALIGNED, wanted.row(i) * Float.BYTES);
                }
            }
            case Vector.Doubles of -> {
                for (int i = 0; i < count; i++) {
                    of.values[at + i] = values.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, wanted.row(i) * Double.BYTES);
                }
            }
            case Vector.Booleans of -> {
                for (int i = 0; i < count; i++) {
                    of.values[at + i] = values.get(ValueLayout.JAVA_BYTE, wanted.row(i)) != 0;
                }
            }
            case ByteVector _ -> throw new IllegalStateException("strings kept as " + layout.form());
        }
    }

    private void codes(long from, int count, int[] into, int at) {
        switch (layout.width()) {
            case 1 -> {
                for (int i = 0; i < count; i++) {
                    into[at + i] = values.get(ValueLayout.JAVA_BYTE, from + i) & 0xFF;
                }
            }
            case 2 -> {
                for (int i = 0; i < count; i++) {
                    into[at + i] = values.get(ValueLayout.JAVA_SHORT_UNALIGNED, (from + i) * Short.BYTES) & 0xFFFF;
                }
            }
            default ->
                MemorySegment.copy(values, ValueLayout.JAVA_INT_UNALIGNED, from * Integer.BYTES, into, at, count);
        }
    }

    private void appendString(long i, ByteVector out) {
        long begin = stored.offset(i);
        out.appendBytes(data, begin, Math.toIntExact(stored.offset(i + 1) - begin));
    }

    private void appendNulls(long from, int count, Vector out, int at) {
        if (!layout.hasNulls() || count == 0) {
            return;
        }
        for (long word = from >>> 6; word <= (from + count - 1) >>> 6; word++) {
            for (long left = stored.nullWord(word); left != 0; left &= left - 1) {
                long nullRow = (word << 6) + Long.numberOfTrailingZeros(left);
                if (nullRow >= from && nullRow < from + count) {
                    int index = at + (int) (nullRow - from);
                    out.setNulls(index, index + 1);
                }
            }
        }
    }

    /// The strings that codes stand for, the empty one of nulls included.
    private ByteVector dictionary() throws DamagedColumnException {
        ByteVector known = dictionary;
        if (known == null) {
            long count = layout.strings();
            stored.checkOffsets(0, count);
            stored.checkData(0, layout.dataBytes());
            known = new ByteVector();
            for (long i = 0; i < count; i++) {
                appendString(i, known);
            }
            dictionary = known;
        }
        return known;
    }

    private ByteVector checkedDictionary() {
        if (dictionary == null) {
            throw new IllegalStateException("the dictionary was not checked");
        }
        return dictionary;
    }

    /// The length of the longest value that rows may share in the file, from whose size a reader estimates memory.
    long maxSharedValueBytes() {
        return isShared ? layout.longestString() : 0;
    }

    @Override
    public void close() {
        stored.release();
        if (reader != null) {
            reader.close();
        }
    }
}
