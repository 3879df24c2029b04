package dev.firn.lake.parquet;

/// A file is not what Parquet's format says. The message is completed with the file's coordinates by whoever reads it.
public final class CorruptParquetException extends RuntimeException {
    public CorruptParquetException(String message) {
        super(message);
    }

    public CorruptParquetException(String message, Throwable cause) {
        super(message, cause);
    }
}
