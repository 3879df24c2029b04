package dev.firn.lake.parquet;

import java.util.List;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.EncodingStats;
import org.apache.parquet.column.statistics.SizeStatistics;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.ColumnPath;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.jspecify.annotations.Nullable;

/// What a footer says about column chunks.
public final class ColumnChunks {
    private ColumnChunks() {}

    /// The chunk of a leaf column. Throws [CorruptParquetException] if it is missing, and
    /// [UnreadableColumnException] if it is encrypted.
    public static ColumnChunkMetaData of(BlockMetaData group, String[] path) {
        ColumnPath wanted = ColumnPath.get(path);
        for (ColumnChunkMetaData chunk : group.getColumns()) {
            if (chunk.getPath().equals(wanted)) {
                if (chunk.isEncrypted()) {
                    throw new UnreadableColumnException(
                            "column %s is encrypted, which Firn does not read".formatted(wanted.toDotString()));
                }
                return chunk;
            }
        }
        throw new CorruptParquetException("a row group lacks column " + wanted.toDotString());
    }

    /// The chunk of a leaf column; null if it is missing or encrypted.
    public static @Nullable ColumnChunkMetaData readable(BlockMetaData group, String[] path) {
        ColumnPath wanted = ColumnPath.get(path);
        return group.getColumns().stream()
                .filter(chunk -> chunk.getPath().equals(wanted) && !chunk.isEncrypted())
                .findFirst()
                .orElse(null);
    }

    static boolean isByteArray(FileColumn.Leaf leaf) {
        PrimitiveTypeName physical = leaf.descriptor().getPrimitiveType().getPrimitiveTypeName();
        return physical == PrimitiveTypeName.BINARY || physical == PrimitiveTypeName.FIXED_LEN_BYTE_ARRAY;
    }

    /// Whether all data pages are dictionary-encoded according to the footer. If it has no page counts, all value
    /// encodings must be dictionary encodings.
    static boolean isDictionaryEncoded(ColumnChunkMetaData chunk) {
        EncodingStats counted = chunk.getEncodingStats();
        if (counted != null) {
            return counted.hasDictionaryPages() && !counted.hasNonDictionaryEncodedPages();
        }
        return chunk.getEncodings().stream().anyMatch(Encoding::usesDictionary)
                && chunk.getEncodings().stream()
                        .allMatch(encoding -> encoding.usesDictionary() || isLevelEncoding(encoding));
    }

    private static boolean isLevelEncoding(Encoding encoding) {
        return switch (encoding) {
            case RLE, BIT_PACKED -> true;
            case PLAIN,
                    PLAIN_DICTIONARY,
                    RLE_DICTIONARY,
                    DELTA_BINARY_PACKED,
                    DELTA_LENGTH_BYTE_ARRAY,
                    DELTA_BYTE_ARRAY,
                    BYTE_STREAM_SPLIT -> false;
        };
    }

    /// The average memory of a row of these columns, at least 1 byte.
    public static long bytesPerRow(BlockMetaData group, List<FileColumn> columns) {
        long bytes = 0;
        for (FileColumn column : columns) {
            bytes += switch (column) {
                case FileColumn.Leaf leaf ->
                    unencodedBytes(of(group, leaf.descriptor().getPath()));
                case FileColumn.Nested nested -> nested.memoryBytes(group);
                case FileColumn.Constant _ -> 0;
            };
        }
        return Math.max(1, bytes / Math.max(1, group.getRowCount()));
    }

    /// The size of a chunk's values without encodings, according to the footer; with a dictionary it may be a
    /// multiple of the chunk.
    static long unencodedBytes(ColumnChunkMetaData chunk) {
        SizeStatistics sizes = chunk.getSizeStatistics();
        long unencoded =
                sizes == null ? 0 : sizes.getUnencodedByteArrayDataBytes().orElse(0L);
        return Math.max(chunk.getTotalUncompressedSize(), unencoded);
    }
}
