package dev.firn.lake.scan;

import java.util.List;
import org.apache.iceberg.ManifestContent;
import org.apache.iceberg.ManifestFile;

/// A manifest with other summaries of its partitions than those that its list has.
record SummarizedManifest(ManifestFile stored, List<PartitionFieldSummary> partitions) implements ManifestFile {
    @Override
    public String path() {
        return stored.path();
    }

    @Override
    public long length() {
        return stored.length();
    }

    @Override
    public int partitionSpecId() {
        return stored.partitionSpecId();
    }

    @Override
    public ManifestContent content() {
        return stored.content();
    }

    @Override
    public long sequenceNumber() {
        return stored.sequenceNumber();
    }

    @Override
    public long minSequenceNumber() {
        return stored.minSequenceNumber();
    }

    @Override
    public Long snapshotId() {
        return stored.snapshotId();
    }

    @Override
    public Integer addedFilesCount() {
        return stored.addedFilesCount();
    }

    @Override
    public Long addedRowsCount() {
        return stored.addedRowsCount();
    }

    @Override
    public Integer existingFilesCount() {
        return stored.existingFilesCount();
    }

    @Override
    public Long existingRowsCount() {
        return stored.existingRowsCount();
    }

    @Override
    public Integer deletedFilesCount() {
        return stored.deletedFilesCount();
    }

    @Override
    public Long deletedRowsCount() {
        return stored.deletedRowsCount();
    }

    @Override
    public ManifestFile copy() {
        return new SummarizedManifest(stored.copy(), partitions);
    }
}
