package dev.firn.lake.parquet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
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
}
