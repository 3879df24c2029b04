package dev.firn.lake.scan;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.StructLike;

/// Collects the files of a plan as Iceberg finds them, each reduced to a [PlannedFile], in memory that is counted.
///
/// The sizes are of a 64-bit JVM with compressed references: a file costs 48 bytes for the record, 8 in the list, about
/// 60 and one byte per character for its location, and its partition values.
final class PlannedFiles {
    private static final Comparator<PlannedFile> ORDER = Comparator.comparingLong(PlannedFile::sequence)
            .thenComparing(PlannedFile::location, ScanPlanner::comparePaths);

    private static final long BYTES_PER_FILE = 48 + 8 + 60;
    private static final long BYTES_PER_PARTITION = 80;
    private static final long BYTES_PER_PARTITION_VALUE = 40;

    private final PlanMemory memory;
    private final List<PlannedFile> files = new ArrayList<>();
    private final Map<Integer, PlannedFile.Partition> unpartitioned = new HashMap<>();

    PlannedFiles(PlanMemory memory) {
        this.memory = memory;
    }

    int size() {
        return files.size();
    }

    void add(DataFile file, PartitionSpec spec) {
        memory.add(BYTES_PER_FILE + file.location().length());
        Long sequence = file.dataSequenceNumber();
        files.add(new PlannedFile(
                -1,
                file.location(),
                file.fileSizeInBytes(),
                sequence == null ? 0 : sequence,
                partition(spec, file.partition())));
    }

    private PlannedFile.Partition partition(PartitionSpec spec, StructLike values) {
        if (spec.isUnpartitioned()) {
            return unpartitioned.computeIfAbsent(spec.specId(), id -> new PlannedFile.Partition(spec, values));
        }
        memory.add(BYTES_PER_PARTITION + values.size() * BYTES_PER_PARTITION_VALUE);
        return new PlannedFile.Partition(spec, values);
    }

    /// The files by data sequence number and path without scheme, numbered in that order.
    List<PlannedFile> ordered() {
        files.sort(ORDER);
        for (int i = 0; i < files.size(); i++) {
            files.set(i, files.get(i).at(i));
        }
        return Collections.unmodifiableList(files);
    }
}
