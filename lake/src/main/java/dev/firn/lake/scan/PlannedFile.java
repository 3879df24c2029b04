package dev.firn.lake.scan;

import java.util.List;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.StructLike;

/// A data file to read, with the deletes that apply to it and the spec it was written under. Holds as little as a read
/// needs, since a plan may have a million of them.
///
/// @param sequence data sequence number; a v1 table has none: all are 0
/// @param deletes immutable, shared by files with the same deletes
record PlannedFile(
        int ordinal, String location, long bytes, long sequence, Partition partition, List<DeleteFile> deletes) {
    /// The partition of a file.
    record Partition(PartitionSpec spec, StructLike values) {}

    PlannedFile at(int position) {
        return new PlannedFile(position, location, bytes, sequence, partition, deletes);
    }
}
