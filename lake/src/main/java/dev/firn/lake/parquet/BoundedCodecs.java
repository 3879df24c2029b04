package dev.firn.lake.parquet;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.CodecFactory;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;

/// Parquet's own codecs, which allocate what a page claims to unpack to: here the claim is checked first. For one
/// thread.
final class BoundedCodecs implements CompressionCodecFactory {
    private final CodecFactory codecs = new CodecFactory(new PlainParquetConfiguration(), 0);

    @Override
    public BytesInputCompressor getCompressor(CompressionCodecName codec) {
        return codecs.getCompressor(codec);
    }

    /// Throws [UnreadableColumnException] for a codec without a library.
    @Override
    public BytesInputDecompressor getDecompressor(CompressionCodecName codec) {
        return new Bounded(
                switch (codec) {
                    case BROTLI, LZO -> throw unreadable(codec);
                    case LZ4 -> new Lz4();
                    case UNCOMPRESSED, SNAPPY, GZIP, ZSTD, LZ4_RAW -> codecs.getDecompressor(codec);
                });
    }

    private static UnreadableColumnException unreadable(CompressionCodecName codec) {
        return new UnreadableColumnException("is compressed with %s, which Firn does not read".formatted(codec));
    }

    @Override
    public void release() {
        codecs.release();
    }

    private record Bounded(BytesInputDecompressor decompressor) implements BytesInputDecompressor {
        @Override
        public BytesInput decompress(BytesInput bytes, int size) throws IOException {
            PageLimits.PROCESS.check(size);
            return decompressor.decompress(bytes, size);
        }

        @Override
        public void decompress(ByteBuffer from, int compressed, ByteBuffer to, int size) throws IOException {
            PageLimits.PROCESS.check(size);
            decompressor.decompress(from, compressed, to, size);
        }

        @Override
        public void release() {
            decompressor.release();
        }
    }

    private static final class Lz4 implements BytesInputDecompressor {
        @Override
        public BytesInput decompress(BytesInput page, int size) throws IOException {
            return BytesInput.from(LegacyLz4.decompress(page.toInputStream().readAllBytes(), size));
        }

        @Override
        public void decompress(ByteBuffer from, int compressed, ByteBuffer to, int size) {
            byte[] page = new byte[compressed];
            from.get(page);
            to.put(LegacyLz4.decompress(page, size));
        }

        @Override
        public void release() {}
    }
}
