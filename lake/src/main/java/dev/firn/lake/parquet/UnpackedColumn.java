package dev.firn.lake.parquet;

import dev.firn.engine.BytesColumn;
import dev.firn.engine.Column;
import dev.firn.lake.columns.ColumnLayout.Form;
import dev.firn.lake.columns.ColumnSource;
import dev.firn.lake.columns.ColumnWriter;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.jspecify.annotations.Nullable;

/// Unpacks a column chunk for the cache of columns. For one thread.
///
/// Numbers are written in the width of their type in memory. Byte strings are written as ids where all of them are in
/// the dictionary of the chunk, else one after another unless they are long: copying a long string costs as much as
/// unpacking it saves.
final class UnpackedColumn implements ColumnSource, ColumnSource.Opening {
    private static final int BATCH_ROWS = 8_192;

    /// Longest average of byte strings that are written one after another.
    private static final int MAX_STRING_BYTES = 256;

    private final WholeChunk chunk;
    private final long estimatedBytes;
    private @Nullable Opened opened;

    /// @param codes the number of ids, if the values are written as ids; else -1
    private record Opened(ChunkReader reader, Vector target, long rows, int codes) {}

    /// @param file that has the chunk; it is not kept
    UnpackedColumn(WholeChunk chunk, ParquetFile file, int rowGroup, FileColumn.Leaf leaf) {
        this.chunk = chunk;
        this.estimatedBytes = estimatedBytes(file, rowGroup, leaf);
    }

    /// What is left out: chunks of long strings, and of more rows than an array holds.
    static boolean isWorthKeeping(ColumnChunkMetaData chunk) {
        long rows = chunk.getValueCount();
        return rows > 0
                && rows <= Integer.MAX_VALUE - 64
                && (ColumnChunks.isDictionaryEncoded(chunk)
                        || ColumnChunks.unencodedBytes(chunk) / rows <= MAX_STRING_BYTES);
    }

    private static long estimatedBytes(ParquetFile file, int rowGroup, FileColumn.Leaf leaf) {
        BlockMetaData group = file.rowGroups().get(rowGroup);
        long rows = group.getRowCount();
        Vector target = new ValueDecoder(leaf.descriptor(), leaf.conversion()).newTarget();
        return switch (target) {
            case Vector.Ints _, Vector.Floats _ -> rows * Integer.BYTES;
            case Vector.Longs _, Vector.Doubles _ -> rows * Long.BYTES;
            case Vector.Booleans _ -> rows;
            case ByteVector _ ->
                file.isDictionaryOfStrings(rowGroup, leaf, target)
                        ? rows
                        : rows * Long.BYTES
                                + ColumnChunks.unencodedBytes(
                                        ColumnChunks.of(group, leaf.descriptor().getPath()));
        };
    }

    @Override
    public long estimatedBytes() {
        return estimatedBytes;
    }

    @Override
    public ColumnSource open() {
        ChunkReader reader = chunk.open();
        Vector target = reader.newVector();
        int codes = chunk.isDictionaryOfStrings(target)
                ? reader.dictionary().map(Column::size).orElse(0)
                : -1;
        opened = new Opened(reader, target, chunk.rows(), codes);
        return this;
    }

    private Opened opened() {
        return Optional.ofNullable(opened).orElseThrow();
    }

    @Override
    public Form form() {
        return switch (opened().target()) {
            case Vector.Ints _ -> Form.INTS;
            case Vector.Longs _ -> Form.LONGS;
            case Vector.Floats _ -> Form.FLOATS;
            case Vector.Doubles _ -> Form.DOUBLES;
            case Vector.Booleans _ -> Form.BOOLEANS;
            case ByteVector _ -> opened().codes() < 0 ? Form.STRINGS : Form.CODES;
        };
    }

    @Override
    public int width() {
        return switch (form()) {
            case INTS, FLOATS -> Integer.BYTES;
            case LONGS, DOUBLES -> Long.BYTES;
            case BOOLEANS -> 1;
            // one more than the ids stands for null
            case CODES -> opened().codes() < 1 << 8 ? 1 : opened().codes() < 1 << 16 ? Short.BYTES : Integer.BYTES;
            case STRINGS -> 0;
        };
    }

    @Override
    public long rows() {
        return opened().rows();
    }

    @Override
    public void writeTo(ColumnWriter to) throws IOException {
        ChunkReader reader = opened().reader();
        if (form() == Form.CODES) {
            writeCodes(reader, to);
        } else {
            writeValues(reader, to);
        }
        chunk.requireSameVersion();
    }

    private void writeValues(ChunkReader reader, ColumnWriter to) throws IOException {
        Vector batch = opened().target();
        long stringBytes = 0;
        for (long row = 0; row < rows(); row += batch.size) {
            batch.clear();
            reader.read((int) Math.min(BATCH_ROWS, rows() - row), batch);
            switch (batch) {
                case Vector.Ints of ->
                    to.rows(of.size, MemorySegment.ofArray(of.values).asSlice(0, of.size * 4L));
                case Vector.Longs of ->
                    to.rows(of.size, MemorySegment.ofArray(of.values).asSlice(0, of.size * 8L));
                case Vector.Floats of ->
                    to.rows(of.size, MemorySegment.ofArray(of.values).asSlice(0, of.size * 4L));
                case Vector.Doubles of ->
                    to.rows(of.size, MemorySegment.ofArray(of.values).asSlice(0, of.size * 8L));
                case Vector.Booleans of -> to.rows(of.size, MemorySegment.ofArray(bytes(of)));
                case ByteVector of -> {
                    stringBytes += of.offsets[of.size];
                    if (stringBytes > rows() * MAX_STRING_BYTES) {
                        // the footer does not tell how often a long string is repeated
                        throw new IllegalStateException("[%s] the strings are too long".formatted(chunk.location()));
                    }
                    MemorySegment data = MemorySegment.ofArray(of.data);
                    for (int i = 0; i < of.size; i++) {
                        to.row(data.asSlice(of.offsets[i], of.offsets[i + 1] - of.offsets[i]));
                    }
                }
            }
            nulls(batch, row, to);
        }
    }

    private static byte[] bytes(Vector.Booleans of) {
        byte[] bytes = new byte[of.size];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (of.values[i] ? 1 : 0);
        }
        return bytes;
    }

    private void writeCodes(ChunkReader reader, ColumnWriter to) throws IOException {
        int nullCode = opened().codes();
        Vector.Ints ids = new Vector.Ints();
        for (long row = 0; row < rows(); row += ids.size) {
            ids.clear();
            reader.readIds((int) Math.min(BATCH_ROWS, rows() - row), ids);
            for (int i = 0; i < ids.size; i++) {
                ids.values[i] = ids.isNull(i) ? nullCode : ids.values[i];
            }
            to.rows(ids.size, packed(ids, width()));
            nulls(ids, row, to);
        }
        BytesColumn strings = (BytesColumn) reader.dictionary().orElseGet(() -> new ByteVector().view());
        if (strings.size() != nullCode) {
            throw new CorruptParquetException("a page is not dictionary-encoded, although the footer says so");
        }
        int[] ends = Arrays.copyOfRange(strings.offsets(), 1, strings.size() + 2);
        ends[strings.size()] = strings.offsets()[strings.size()];
        to.dictionary(ends, ends.length, MemorySegment.ofArray(strings.data()));
    }

    private static MemorySegment packed(Vector.Ints ids, int width) {
        switch (width) {
            case 1 -> {
                byte[] packed = new byte[ids.size];
                for (int i = 0; i < ids.size; i++) {
                    packed[i] = (byte) ids.values[i];
                }
                return MemorySegment.ofArray(packed);
            }
            case Short.BYTES -> {
                short[] packed = new short[ids.size];
                for (int i = 0; i < ids.size; i++) {
                    packed[i] = (short) ids.values[i];
                }
                return MemorySegment.ofArray(packed);
            }
            default -> {
                return MemorySegment.ofArray(ids.values).asSlice(0, (long) ids.size * Integer.BYTES);
            }
        }
    }

    private static void nulls(Vector batch, long firstRow, ColumnWriter to) {
        for (int i = 0; i < batch.size; i++) {
            if (batch.isNull(i)) {
                to.setNull(firstRow + i);
            }
        }
    }

    @Override
    public void close() {
        chunk.close();
    }
}
