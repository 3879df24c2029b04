package dev.firn.lake;

import org.apache.iceberg.exceptions.NotFoundException;

/// Turns what Iceberg, the SDK and the JDK throw while table files are read into the two ways of
/// [LakeException].
public final class LakeFaults {
    private LakeFaults() {}

    /// A fault met while a snapshot's files were read: one that is gone means the snapshot expired under the
    /// reader.
    public static LakeException whileReading(SnapshotCoordinates at, Throwable fault) {
        if (fault instanceof LakeException ours) {
            return ours;
        }
        for (Throwable t = fault; t != null; t = t.getCause()) {
            if (t instanceof NotFoundException) {
                return new LakeRejection(
                        LakeCode.SNAPSHOT_EXPIRED,
                        "[" + at + "] a file of the snapshot is gone: " + t.getMessage(),
                        null,
                        fault);
            }
        }
        return new LakeOutage(LakeCode.STORAGE_UNAVAILABLE, "[" + at + "] reading failed: " + fault, fault);
    }

    /// Where a reader stands, for messages.
    public record SnapshotCoordinates(TableName table, long snapshotId) {
        @Override
        public String toString() {
            return table + " snapshot " + snapshotId;
        }
    }
}
