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

    String location() {
        return file.location();
    }
}
