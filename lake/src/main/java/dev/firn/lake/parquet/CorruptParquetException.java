package dev.firn.lake.parquet;

/// A file violates the Parquet format. The reader adds the file's coordinates to the message.
public final class CorruptParquetException extends RuntimeException {
    public CorruptParquetException(String message) {
        super(message);
    }

    public CorruptParquetException(String message, Throwable cause) {
        super(message, cause);
    }
}
