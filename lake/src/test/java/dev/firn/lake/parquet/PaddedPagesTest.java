package dev.firn.lake.parquet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.format.DataPageHeader;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.junit.jupiter.api.Test;

/// fastparquet appends eight zero bytes to each page.
final class PaddedPagesTest {
    private static final int ROWS = 10_000;

    private final ColumnDescriptor column = new ColumnDescriptor(
            new String[] {"value"},
            org.apache.parquet.schema.Types.required(PrimitiveTypeName.INT64).named("value"),
            0,
            0);

    @Test
    void eightZerosAfterTheValuesArePadding() {
        for (CompressionCodecName codec :
                new CompressionCodecName[] {CompressionCodecName.UNCOMPRESSED, CompressionCodecName.ZSTD}) {
            for (int needed : new int[] {1, ROWS}) {
                assertThat(first(page(0, 8), codec, needed)).isEqualTo(42);
            }
        }
    }

    /// A level that was damaged loses a value; then there are as many bytes left over.
    @Test
    void anythingElseAfterTheValuesIsDamage() {
        for (CompressionCodecName codec :
                new CompressionCodecName[] {CompressionCodecName.UNCOMPRESSED, CompressionCodecName.ZSTD}) {
            for (byte[] page :
                    new byte[][] {page(1, 8), page(0, 4), page(0, 16), Arrays.copyOf(page(0, 8), ROWS * 8 - 1)}) {
                for (int needed : new int[] {1, ROWS}) {
                    assertThatThrownBy(() -> first(page, codec, needed))
                            .as("%s, %d bytes, %d rows", codec, page.length, needed)
                            .isInstanceOf(CorruptParquetException.class)
                            .hasMessageContaining("values of type INT64 do not take");
                }
            }
        }
    }

    private static byte[] page(int fill, int surplus) {
        ByteBuffer page = ByteBuffer.allocate(ROWS * 8 + surplus).order(ByteOrder.LITTLE_ENDIAN);
        for (long row = 0; row < ROWS; row++) {
            page.putLong(42 + row);
        }
        while (page.hasRemaining()) {
            page.put((byte) fill);
        }
        return page.array();
    }

    private long first(byte[] page, CompressionCodecName codec, int needed) {
        byte[] body = codec == CompressionCodecName.ZSTD ? Zstd.compress(page) : page;
        PageHeader header = new PageHeader(PageType.DATA_PAGE, page.length, body.length);
        header.setData_page_header(new DataPageHeader(ROWS, Encoding.PLAIN, Encoding.RLE, Encoding.RLE));
        try (ReadBuffers buffers = new ReadBuffers()) {
            ValueDecoder values = new ValueDecoder(column, Conversion.NONE);
            try (PageUnpacker unpacker = new PageUnpacker(buffers, codec, 0, values)) {
                unpacker.unpack(header, MemorySegment.ofArray(body), ROWS, needed);
                Vector.Longs out = (Vector.Longs) values.newTarget();
                values.read(0, 1, out);
                return out.values[0];
            }
        }
    }
}
