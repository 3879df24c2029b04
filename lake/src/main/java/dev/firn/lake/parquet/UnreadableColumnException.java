package dev.firn.lake.parquet;

/// A file's column has a type that the wanted one cannot be read from exactly.
public final class UnreadableColumnException extends RuntimeException {
    public UnreadableColumnException(String message) {
        super(message);
    }
}
