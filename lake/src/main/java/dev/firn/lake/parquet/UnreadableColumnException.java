package dev.firn.lake.parquet;

/// A column cannot be read though nothing is damaged: its type cannot be converted exactly to the requested one, or it
/// is encrypted, or compressed with a codec that Firn lacks.
public final class UnreadableColumnException extends RuntimeException {
    public UnreadableColumnException(String message) {
        super(message);
    }
}
