package dev.firn.lake.parquet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.engine.BudgetExceededException;
import dev.firn.engine.LongColumn;
import dev.firn.lake.LakeRejection;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.Util;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A small file whose first page claims more than it has. The claim is refused before memory is allocated for it.
final class PageClaimsTest {
    private static final Schema SCHEMA = new Schema(NestedField.optional(1, "value", Types.LongType.get()));

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private byte[] bytes = new byte[0];

    @BeforeEach
    void write() throws IOException {
        Path path = folder.resolve("spine.parquet");
        try (ColumnTasks alone = new ColumnTasks(1);
                ParquetResult result =
                        ParquetResult.create(org.apache.iceberg.Files.localOutput(path.toFile()), SCHEMA, alone)) {
            long[] values = LongStream.range(0, 200).map(i -> i % 7).toArray();
            result.write(List.of(LongColumn.of(values)), 0, values.length);
            result.finish();
        }
        bytes = Files.readAllBytes(path);
    }

    @AfterEach
    void restoreLimits() {
        PageLimits.PROCESS.set(PageLimits.MAX_PAGE_BYTES, PageLimits.MAX_OPEN_BYTES);
    }

    /// Changes the header of the first page, and what the footer says about its column chunk.
    private byte[] claiming(Consumer<PageHeader> page, long chunkBytes) throws IOException {
        ByteBuffer end = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int footerBytes = end.getInt(bytes.length - 8);
        int footerAt = bytes.length - 8 - footerBytes;
        FileMetaData footer = Util.readFileMetaData(new ByteArrayInputStream(bytes, footerAt, footerBytes));
        var chunk = footer.getRow_groups().getFirst().getColumns().getFirst().getMeta_data();
        int first = (int)
                (chunk.isSetDictionary_page_offset() ? chunk.getDictionary_page_offset() : chunk.getData_page_offset());
        ByteArrayInputStream in = new ByteArrayInputStream(bytes, first, footerAt - first);
        PageHeader header = Util.readPageHeader(in);
        int bodyAt = footerAt - in.available();
        page.accept(header);
        ByteArrayOutputStream changed = new ByteArrayOutputStream();
        changed.write(bytes, 0, first);
        Util.writePageHeader(header, changed);
        int shift = changed.size() - bodyAt;
        changed.write(bytes, bodyAt, footerAt - bodyAt);
        chunk.setTotal_compressed_size(chunk.getTotal_compressed_size() + shift);
        chunk.setTotal_uncompressed_size(chunkBytes);
        if (chunk.isSetDictionary_page_offset()) {
            chunk.setData_page_offset(chunk.getData_page_offset() + shift);
        }
        int newFooterAt = changed.size();
        Util.writeFileMetaData(footer, changed);
        changed.writeBytes(ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(changed.size() - newFooterAt)
                .array());
        changed.write(bytes, bytes.length - 4, 4);
        return changed.toByteArray();
    }

    private static void read(byte[] file) {
        try (ParquetSource source = ParquetSource.open(new InMemoryFile("spine.parquet", file))) {
            source.batches(List.of("value"), 1_000).forEachRemaining(batch -> {});
        }
    }

    private static void refused(byte[] file, String why) {
        long before = PageLimits.PROCESS.bytesOpen();
        assertThatThrownBy(() -> read(file))
                .isInstanceOfSatisfying(
                        LakeRejection.class, e -> assertThat(e.code()).isEqualTo("SPINE_UNREADABLE"))
                .hasMessageContaining("column value")
                .hasMessageContaining(why);
        assertThat(PageLimits.PROCESS.bytesOpen()).isEqualTo(before);
    }

    @Test
    void aPageCannotClaimMoreThanItsChunk() throws IOException {
        read(claiming(header -> {}, 10_000));
        refused(claiming(header -> header.setUncompressed_page_size(1 << 27), 10_000), "column chunk has 10000");
    }

    @Test
    void aPageCannotClaimMoreThanTheLimit() throws IOException {
        refused(claiming(header -> header.setUncompressed_page_size(1 << 30), 1L << 40), "limit of a page");
    }

    @Test
    void aDictionaryCannotClaimMoreValuesThanItsPage() throws IOException {
        refused(
                claiming(header -> header.getDictionary_page_header().setNum_values(1 << 30), 10_000),
                "values of type INT64");
    }

    @Test
    void openPagesShareALimitAndGiveBackWhatTheyHold() throws IOException {
        PageLimits.PROCESS.set(1 << 20, 64 << 10);
        assertThatThrownBy(() -> read(bytes)).isInstanceOf(BudgetExceededException.class);
        PageLimits.PROCESS.set(1 << 20, 1 << 20);
        read(bytes);
        assertThat(PageLimits.PROCESS.bytesOpen()).isZero();
    }

    /// As after a spine that was cancelled.
    @Test
    void aReaderThatStopsWithinARowGroupGivesBackWhatItHolds() {
        long before = PageLimits.PROCESS.bytesOpen();
        try (ParquetSource source = ParquetSource.open(new InMemoryFile("spine.parquet", bytes))) {
            assertThat(source.batches(List.of("value"), 10).next()).hasSize(1);
            assertThat(PageLimits.PROCESS.bytesOpen()).isGreaterThan(before);
        }
        assertThat(PageLimits.PROCESS.bytesOpen()).isEqualTo(before);
    }
}
