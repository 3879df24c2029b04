package dev.firn.lake.scan;

import java.util.List;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.PartitionSpec;

/// A data file to read, with the deletes that apply to it and the spec it was written under.
record PlannedFile(int ordinal, DataFile file, PartitionSpec spec, List<DeleteFile> deletes) {
    PlannedFile {
        deletes = List.copyOf(deletes);
    }

    /// A v1 table has no sequence numbers: all are 0.
    long sequence() {
        Long sequence = file.dataSequenceNumber();
        return sequence == null ? 0 : sequence;
    }

    String location() {
        return file.location();
    }
}
