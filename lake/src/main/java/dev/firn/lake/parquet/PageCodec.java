package dev.firn.lake.parquet;

import com.github.luben.zstd.Zstd;
import java.io.IOException;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.CodecFactory;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;

/// Decompresses one page in one go, from array to array. This is the seam for faster codecs: zstd is called directly,
/// the rest goes through parquet's own. Not thread-safe.
interface PageCodec {
    void decompress(byte[] source, int from, int length, byte[] target, int targetFrom, int targetLength)
            throws IOException;

    static PageCodec of(CompressionCodecName name) {
        return switch (name) {
            case UNCOMPRESSED ->
                (source, from, length, target, targetFrom, targetLength) ->
                        System.arraycopy(source, from, target, targetFrom, targetLength);
            case ZSTD -> PageCodec::unzstd;
            case SNAPPY, GZIP, LZ4_RAW, BROTLI, LZO, LZ4 -> standard(name);
        };
    }

    private static void unzstd(byte[] source, int from, int length, byte[] target, int targetFrom, int targetLength) {
        long size = Zstd.decompressByteArray(target, targetFrom, targetLength, source, from, length);
        if (Zstd.isError(size) || size != targetLength) {
            throw new CorruptParquetException(
                    "zstd: " + (Zstd.isError(size) ? Zstd.getErrorName(size) : size + " bytes of " + targetLength));
        }
    }

    private static PageCodec standard(CompressionCodecName name) {
        CompressionCodecFactory.BytesInputDecompressor decompressor =
                new CodecFactory(new PlainParquetConfiguration(), 0).getDecompressor(name);
        return (source, from, length, target, targetFrom, targetLength) -> {
            BytesInput bytes = decompressor.decompress(BytesInput.from(source, from, length), targetLength);
            int read = bytes.toInputStream().readNBytes(target, targetFrom, targetLength);
            if (read != targetLength) {
                throw new CorruptParquetException("%s: %d bytes of %d".formatted(name, read, targetLength));
            }
        };
    }
}
