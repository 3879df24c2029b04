package dev.firn.lake.parquet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.airlift.compress.lz4.Lz4Compressor;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.junit.jupiter.api.Test;
import org.xerial.snappy.Snappy;

final class PageCodecTest {
    /// A body that decompresses to more than its header says would overwrite the memory after the page.
    @Test
    void aSnappyBodyOfAnotherLengthThanItsPageIsCorruptAndWritesNothing() throws IOException {
        MemorySegment packed = MemorySegment.ofArray(Snappy.compress(new byte[4_096]));
        try (Arena arena = Arena.ofConfined();
                PageCodec codec = new PageCodec()) {
            MemorySegment memory = arena.allocate(8_192);
            memory.fill((byte) 7);
            for (long size : new long[] {1_024, 5_000}) {
                assertThatThrownBy(() -> codec.decompress(CompressionCodecName.SNAPPY, packed, memory.asSlice(0, size)))
                        .isInstanceOf(CorruptParquetException.class)
                        .hasMessageContaining("4096 bytes, expected " + size);
            }
            assertThat(memory.toArray(ValueLayout.JAVA_BYTE)).containsOnly(7);

            codec.decompress(CompressionCodecName.SNAPPY, packed, memory.asSlice(0, 4_096));
            assertThat(memory.asSlice(0, 4_096).toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
        }
    }

    @Test
    void anLz4PageIsReadWithHadoopsFramesAndWithout() throws IOException {
        byte[] values = values();
        byte[] bare = lz4(values, 0, values.length);

        ByteArrayOutputStream framed = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(framed);
        out.writeInt(3_000); // one frame of two chunks
        for (int[] chunk : new int[][] {{0, 1_000}, {1_000, 3_000}}) {
            byte[] packed = lz4(values, chunk[0], chunk[1]);
            out.writeInt(packed.length);
            out.write(packed);
        }
        out.writeInt(values.length - 3_000);
        byte[] rest = lz4(values, 3_000, values.length);
        out.writeInt(rest.length);
        out.write(rest);

        for (byte[] page : new byte[][] {bare, framed.toByteArray()}) {
            assertThat(unpacked(page, values.length)).isEqualTo(values);
            for (byte[] damaged : new byte[][] {Arrays.copyOf(page, page.length - 5), Arrays.copyOf(page, 3)}) {
                assertThatThrownBy(() -> unpacked(damaged, values.length))
                        .isInstanceOf(CorruptParquetException.class)
                        .hasMessageContaining("LZ4");
            }
            assertThatThrownBy(() -> unpacked(page, values.length + 1)).isInstanceOf(CorruptParquetException.class);
            assertThatThrownBy(() -> unpacked(page, values.length - 1)).isInstanceOf(CorruptParquetException.class);
        }
    }

    /// Hadoop's own codec reserves what the size of a chunk says, here 2 GB.
    @Test
    void anLz4PageThatNamesAHugeSizeIsCorruptAndTakesNoMemory() throws IOException {
        ByteArrayOutputStream page = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(page);
        out.writeInt(64);
        out.writeInt(Integer.MAX_VALUE - 8);
        out.write(new byte[64]);
        assertThatThrownBy(() -> unpacked(page.toByteArray(), 64)).isInstanceOf(CorruptParquetException.class);
    }

    /// Without a library for it, the codec and not the page is at fault.
    @Test
    void aCodecWithoutALibraryIsNamed() {
        for (CompressionCodecName codec :
                new CompressionCodecName[] {CompressionCodecName.BROTLI, CompressionCodecName.LZO}) {
            try (Arena arena = Arena.ofConfined();
                    PageCodec codecs = new PageCodec()) {
                assertThatThrownBy(
                                () -> codecs.decompress(codec, MemorySegment.ofArray(new byte[8]), arena.allocate(8)))
                        .isInstanceOf(UnreadableColumnException.class)
                        .hasMessage("is compressed with %s, which Firn does not read".formatted(codec));
            }
        }
    }

    private static byte[] values() {
        byte[] values = new byte[5_000];
        for (int i = 0; i < values.length; i++) {
            values[i] = (byte) (i % 13);
        }
        return values;
    }

    private static byte[] lz4(byte[] values, int from, int to) {
        Lz4Compressor compressor = new Lz4Compressor();
        byte[] packed = new byte[compressor.maxCompressedLength(to - from)];
        return Arrays.copyOf(packed, compressor.compress(values, from, to - from, packed, 0, packed.length));
    }

    private static byte[] unpacked(byte[] page, int size) {
        try (Arena arena = Arena.ofConfined();
                PageCodec codec = new PageCodec()) {
            MemorySegment memory = arena.allocate(size);
            codec.decompress(CompressionCodecName.LZ4, MemorySegment.ofArray(page), memory);
            return memory.toArray(ValueLayout.JAVA_BYTE);
        }
    }
}
