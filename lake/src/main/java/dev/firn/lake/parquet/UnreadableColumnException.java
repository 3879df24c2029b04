package dev.firn.lake.parquet;

/// The type of a file's column cannot be converted exactly to the requested type.
public final class UnreadableColumnException extends RuntimeException {
    public UnreadableColumnException(String message) {
        super(message);
    }
}
