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

    @Override
    public BytesInputDecompressor getDecompressor(CompressionCodecName codec) {
        BytesInputDecompressor decompressor = codecs.getDecompressor(codec);
        return new BytesInputDecompressor() {
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
        };
    }

    @Override
    public void release() {
        codecs.release();
    }
}
