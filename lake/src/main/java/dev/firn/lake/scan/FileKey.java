package dev.firn.lake.scan;

import org.apache.iceberg.DataFile;

/// What identifies a data file across snapshots: its path and its data sequence number, since a path may come again.
record FileKey(String location, long sequence) {
    static FileKey of(PlannedFile file) {
        return new FileKey(file.location(), file.sequence());
    }

    static FileKey of(DataFile file) {
        Long sequence = file.dataSequenceNumber();
        return new FileKey(file.location(), sequence == null ? 0 : sequence);
    }
}
