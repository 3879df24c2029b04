package dev.firn.lake.parquet;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.Util;
import org.apache.parquet.format.converter.ParquetMetadataConverter;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;

/// A footer without its optional parts: statistics, page counts, sizes and references to indexes. A file whose footer
/// parquet-hadoop refuses, because such a part cannot be decoded, is read with it.
final class BareFooter {
    private static final byte[] MAGIC = "PAR1".getBytes(StandardCharsets.US_ASCII);
    private static final int END_BYTES = Integer.BYTES + MAGIC.length;

    private BareFooter() {}

    /// Throws any exception if the footer cannot be read without them either.
    static ParquetMetadata read(ParquetBytes.CountedStream in, long fileLength) throws IOException {
        FileMetaData footer = stored(in, fileLength);
        footer.unsetColumn_orders();
        for (RowGroup group : footer.getRow_groups()) {
            group.unsetSorting_columns();
            group.getColumns().forEach(BareFooter::strip);
        }
        return new ParquetMetadataConverter().fromParquetMetadata(footer);
    }

    /// The footer as it is stored.
    static FileMetaData stored(ParquetBytes.CountedStream in, long fileLength) throws IOException {
        int length = length(in, fileLength);
        byte[] serialized = new byte[length];
        in.readRange(fileLength - END_BYTES - length, serialized, 0, length);
        return Util.readFileMetaData(new ByteArrayInputStream(serialized));
    }

    /// The size of the footer as it is stored.
    static int length(ParquetBytes.CountedStream in, long fileLength) throws IOException {
        if (fileLength < MAGIC.length + END_BYTES) {
            throw new CorruptParquetException("too short for a Parquet file");
        }
        byte[] end = new byte[END_BYTES];
        in.readRange(fileLength - END_BYTES, end, 0, END_BYTES);
        int length = ByteBuffer.wrap(end).order(ByteOrder.LITTLE_ENDIAN).getInt();
        if (!Arrays.equals(end, Integer.BYTES, END_BYTES, MAGIC, 0, MAGIC.length)
                || length < 0
                || length > fileLength - END_BYTES - MAGIC.length) {
            throw new CorruptParquetException("no Parquet footer");
        }
        return length;
    }

    private static void strip(ColumnChunk chunk) {
        chunk.unsetColumn_index_offset();
        chunk.unsetColumn_index_length();
        chunk.unsetOffset_index_offset();
        chunk.unsetOffset_index_length();
        ColumnMetaData column = chunk.getMeta_data();
        column.unsetStatistics();
        column.unsetEncoding_stats();
        column.unsetSize_statistics();
        column.unsetGeospatial_statistics();
        column.unsetBloom_filter_offset();
        column.unsetBloom_filter_length();
        column.unsetKey_value_metadata();
    }
}
