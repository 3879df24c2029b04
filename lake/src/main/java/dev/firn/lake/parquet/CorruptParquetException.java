package dev.firn.lake.parquet;

import dev.firn.engine.BudgetExceededException;
import dev.firn.lake.LakeException;
import dev.firn.lake.LakeFaults;
import dev.firn.lake.Reason;
import dev.firn.lake.storage.FileChangedException;

/// A file violates the Parquet format. The reader adds the file's coordinates to the message.
public class CorruptParquetException extends RuntimeException {
    public CorruptParquetException(String message) {
        super(message);
    }

    public CorruptParquetException(String message, Throwable cause) {
        super(message, cause);
    }

    /// What Parquet's and Iceberg's readers throw while they decode a column or the footer. They expect sound files, so
    /// damage shows as any exception. Only what the store and the memory budget throw is something else.
    ///
    /// @param what what was decoded
    static RuntimeException ofLibrary(String what, Exception fault) {
        if (fault instanceof RuntimeException known
                && (known instanceof CorruptParquetException
                        || known instanceof UnreadableColumnException
                        || LakeFaults.cause(known, LakeException.class).isPresent()
                        || LakeFaults.cause(known, FileChangedException.class).isPresent()
                        || LakeFaults.cause(known, BudgetExceededException.class)
                                .isPresent()
                        || LakeFaults.isNotFound(known))) {
            return known;
        }
        return new CorruptParquetException("%s: %s".formatted(what, Reason.of(fault)), fault);
    }
}
