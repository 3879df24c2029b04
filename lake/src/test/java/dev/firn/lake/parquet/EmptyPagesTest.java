package dev.firn.lake.parquet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.engine.Column;
import dev.firn.engine.LongColumn;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.LongStream;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.parquet.format.DataPageHeader;
import org.apache.parquet.format.DataPageHeaderV2;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.OffsetIndex;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageLocation;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.Util;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Pages without rows, as some writers leave them at the end of a batch.
final class EmptyPagesTest {
    private static final Schema SCHEMA = new Schema(NestedField.required(1, "value", Types.LongType.get()));
    private static final int ROWS = 300;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anEmptyPageIsPassedOver(boolean v2) throws IOException {
        Path path = folder.resolve("rows.parquet");
        try (ColumnTasks alone = new ColumnTasks(1);
                ParquetResult result =
                        ParquetResult.create(org.apache.iceberg.Files.localOutput(path.toFile()), SCHEMA, alone)) {
            long[] values = LongStream.range(0, ROWS).toArray();
            result.write(List.of(LongColumn.of(values)), 0, values.length);
            result.finish();
        }
        InMemoryFile file = new InMemoryFile("rows.parquet", withEmptyPage(Files.readAllBytes(path), v2));
        try (ParquetSource source = ParquetSource.open(file)) {
            List<Long> read = new ArrayList<>();
            source.batches(List.of("value"), 70).forEachRemaining(batch -> addAll(batch.getFirst(), read));
            assertThat(read).isEqualTo(LongStream.range(0, ROWS).boxed().toList());
        }
        List<String> ignored = new ArrayList<>();
        try (ParquetFile parquet = ParquetFile.open(file, new LongAdder(), ignored::add);
                ReadBuffers buffers = new ReadBuffers()) {
            FileColumn column = FileSchema.of(parquet, java.util.Optional.empty())
                    .orElseThrow()
                    .find(SCHEMA.findField(1))
                    .orElseThrow();
            RowSelection wanted = new RowSelection(new long[] {0, 7, 299}, 0, 3, 0);
            try (ColumnCursor cursor = parquet.cursor(0, column, buffers, wanted)) {
                cursor.read(wanted);
                assertThat(((LongColumn) cursor.take()).values()).startsWith(0, 7, 299);
            }
        }
        assertThat(ignored).singleElement().satisfies(why -> assertThat(why).contains("offset index of column value"));
    }

    private static void addAll(Column column, List<Long> values) {
        for (int i = 0; i < column.size(); i++) {
            values.add(((LongColumn) column).values()[i]);
        }
    }

    /// Puts an empty page before the first data page, and an offset index that lists it.
    private static byte[] withEmptyPage(byte[] bytes, boolean v2) throws IOException {
        ByteBuffer end = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int footerBytes = end.getInt(bytes.length - 8);
        int footerAt = bytes.length - 8 - footerBytes;
        FileMetaData footer = Util.readFileMetaData(new ByteArrayInputStream(bytes, footerAt, footerBytes));
        var chunk = footer.getRow_groups().getFirst().getColumns().getFirst();
        var column = chunk.getMeta_data();
        int first = (int) column.getData_page_offset();
        int chunkEnd = (int) (column.isSetDictionary_page_offset() ? column.getDictionary_page_offset() : first)
                + (int) column.getTotal_compressed_size();
        ByteArrayOutputStream page = new ByteArrayOutputStream();
        PageHeader header = new PageHeader(v2 ? PageType.DATA_PAGE_V2 : PageType.DATA_PAGE, 0, 0);
        if (v2) {
            header.setData_page_header_v2(new DataPageHeaderV2(0, 0, 0, Encoding.PLAIN, 0, 0).setIs_compressed(false));
        } else {
            header.setData_page_header(new DataPageHeader(0, Encoding.PLAIN, Encoding.RLE, Encoding.RLE));
        }
        Util.writePageHeader(header, page);
        column.setTotal_compressed_size(column.getTotal_compressed_size() + page.size());
        column.setTotal_uncompressed_size(column.getTotal_uncompressed_size() + page.size());
        ByteArrayOutputStream changed = new ByteArrayOutputStream();
        changed.write(bytes, 0, first);
        changed.write(page.toByteArray());
        changed.write(bytes, first, footerAt - first);
        ByteArrayOutputStream index = new ByteArrayOutputStream();
        Util.writeOffsetIndex(
                new OffsetIndex(List.of(
                        new PageLocation(first, page.size(), 0),
                        new PageLocation(first + page.size(), chunkEnd - first, 0))),
                index);
        chunk.unsetColumn_index_offset();
        chunk.unsetColumn_index_length();
        chunk.setOffset_index_offset(changed.size());
        chunk.setOffset_index_length(index.size());
        changed.write(index.toByteArray());
        int newFooterAt = changed.size();
        Util.writeFileMetaData(footer, changed);
        changed.writeBytes(ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(changed.size() - newFooterAt)
                .array());
        changed.write(bytes, bytes.length - 4, 4);
        return changed.toByteArray();
    }
}
