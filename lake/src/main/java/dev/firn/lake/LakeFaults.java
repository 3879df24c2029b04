package dev.firn.lake;

import java.io.FileNotFoundException;
import java.nio.file.NoSuchFileException;
import org.apache.iceberg.exceptions.NotFoundException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;

/// Turns what Iceberg, the SDK and the JDK throw while a table's files are read into the two ways of
/// [LakeException].
public final class LakeFaults {
    private LakeFaults() {}

    /// A fault met while a snapshot's files were read: a file that is gone means that the snapshot expired
    /// under the reader, anything else that the store did not answer.
    public static LakeException whileReading(TableName table, @Nullable Long snapshotId, Throwable fault) {
        if (fault instanceof LakeException ours) {
            return ours;
        }
        String at = "[" + table + " snapshot " + snapshotId + "] ";
        return isNotFound(fault)
                ? new LakeRejection(
                        LakeCode.SNAPSHOT_EXPIRED,
                        at + "a file of the snapshot is gone: " + fault.getMessage(),
                        null,
                        fault)
                : new LakeOutage(LakeCode.STORAGE_UNAVAILABLE, at + "reading failed: " + fault, fault);
    }

    /// Whether the fault, or what caused it, says that a file is not there.
    public static boolean isNotFound(Throwable fault) {
        for (Throwable t = fault; t != null; t = t.getCause()) {
            if (t instanceof NotFoundException
                    || t instanceof NoSuchKeyException
                    || t instanceof NoSuchFileException
                    || t instanceof FileNotFoundException) {
                return true;
            }
        }
        return false;
    }
}
