package dev.firn.lake;

import java.io.FileNotFoundException;
import java.nio.file.NoSuchFileException;
import org.apache.iceberg.exceptions.NotFoundException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;

/// Translates exceptions that Iceberg, the AWS SDK and the JDK throw while reading table files to [LakeException].
public final class LakeFaults {
    private LakeFaults() {}

    /// Translates a fault met while reading the files of a snapshot: a missing file means that the snapshot has
    /// expired, anything else that the store is unavailable.
    public static LakeException whileReading(TableName table, @Nullable Long snapshotId, Throwable fault) {
        if (fault instanceof LakeException ours) {
            return ours;
        }
        String at = "[" + table + " snapshot " + snapshotId + "] ";
        return isNotFound(fault)
                ? new LakeRejection(
                        LakeCode.SNAPSHOT_EXPIRED,
                        at + "a file of the snapshot no longer exists: " + fault.getMessage(),
                        null,
                        fault)
                : new LakeOutage(LakeCode.STORAGE_UNAVAILABLE, at + "reading failed: " + fault, fault);
    }

    /// Whether the fault or one of its causes says that a file does not exist.
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
