package dev.firn.lake.parquet;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import dev.firn.engine.BudgetExceededException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.xerial.snappy.Snappy;

/// Decompresses a whole page into native memory: zstd and snappy with their libraries, which need native memory, other
/// codecs through [BoundedCodecs]. Memory: one compressed page, if it is not native already. Not thread-safe.
final class PageCodec implements AutoCloseable {
    private final ZstdDecompressCtx zstd = new ZstdDecompressCtx();
    private final ReadBuffers.PageMemory packed = new ReadBuffers.PageMemory();
    private final BoundedCodecs others = new BoundedCodecs();

    /// Fills `target`, which has the size of the uncompressed page.
    void decompress(CompressionCodecName codec, MemorySegment source, MemorySegment target) {
        if (target.byteSize() == 0) {
            return;
        }
        long size;
        try {
            size = switch (codec) {
                case UNCOMPRESSED -> stored(source, target);
                case ZSTD -> zstd.decompress(target.asByteBuffer(), direct(source));
                case SNAPPY -> snappy(direct(source), target);
                case GZIP, LZ4_RAW, BROTLI, LZO, LZ4 -> standard(codec, source.asByteBuffer(), target);
            };
        } catch (BudgetExceededException | CorruptParquetException | UnreadableColumnException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw new CorruptParquetException("could not decompress a %s page: %s".formatted(codec, e), e);
        }
        if (size != target.byteSize()) {
            throw new CorruptParquetException(
                    "a %s page has %d bytes, expected %d".formatted(codec, size, target.byteSize()));
        }
    }

    /// Decompresses only the first bytes of a zstd page, until `target` is full. Returns false if that fails:
    /// several frames, a window too large for streaming, or corrupt data. The caller then decompresses the whole
    /// page, which decides whether it is corrupt.
    boolean decompressPrefix(MemorySegment source, MemorySegment target) {
        ByteBuffer into = target.asByteBuffer();
        ByteBuffer from = direct(source);
        try {
            zstd.reset();
            boolean ended = false;
            while (into.hasRemaining() && from.hasRemaining() && !ended) {
                ended = zstd.decompressDirectByteBufferStream(into, from);
            }
            return !into.hasRemaining();
        } catch (ZstdException e) {
            return false;
        } finally {
            zstd.reset();
        }
    }

    private ByteBuffer direct(MemorySegment source) {
        if (source.isNative()) {
            return source.asByteBuffer();
        }
        MemorySegment copy = packed.sized(source.byteSize()).asSlice(0, source.byteSize());
        copy.copyFrom(source);
        return copy.asByteBuffer();
    }

    /// The library trusts the length in the body and does not check the size of the target.
    private static long snappy(ByteBuffer source, MemorySegment target) throws IOException {
        long named = Snappy.uncompressedLength(source);
        return named == target.byteSize() ? Snappy.uncompress(source, target.asByteBuffer()) : named;
    }

    private static long stored(MemorySegment source, MemorySegment target) {
        if (source.byteSize() != target.byteSize()) {
            return source.byteSize();
        }
        MemorySegment.copy(source, 0, target, 0, target.byteSize());
        return target.byteSize();
    }

    private long standard(CompressionCodecName codec, ByteBuffer source, MemorySegment target) throws IOException {
        CompressionCodecFactory.BytesInputDecompressor decompressor = others.getDecompressor(codec);
        byte[] bytes = decompressor
                .decompress(BytesInput.from(source), (int) target.byteSize())
                .toInputStream()
                .readAllBytes();
        MemorySegment.copy(MemorySegment.ofArray(bytes), 0, target, 0, Math.min(bytes.length, target.byteSize()));
        return bytes.length;
    }

    @Override
    public void close() {
        zstd.close();
        packed.free();
        others.release();
    }
}
