package dev.firn.lake.scan;

import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.StructLike;

/// A data file to read and the spec it was written under. Holds as little as a read needs, since a plan may have a
/// million of them.
///
/// @param sequence data sequence number; a v1 table has none: all are 0
record PlannedFile(int ordinal, String location, long bytes, long sequence, Partition partition) {
    /// The partition of a file.
    record Partition(PartitionSpec spec, StructLike values) {}

    PlannedFile at(int position) {
        return new PlannedFile(position, location, bytes, sequence, partition);
    }
}
