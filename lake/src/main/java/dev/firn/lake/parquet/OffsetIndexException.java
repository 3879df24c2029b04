package dev.firn.lake.parquet;

/// The offset index of a column chunk does not fit its pages. What was read or skipped with it is in doubt;
/// the chunk can be read without it.
public final class OffsetIndexException extends CorruptParquetException {
    OffsetIndexException(CorruptParquetException fault) {
        this("the offset index does not fit: " + fault.getMessage(), fault);
    }

    OffsetIndexException(String message, Throwable cause) {
        super(message, cause);
    }
}
