package dev.firn.lake.scan;

import dev.firn.lake.catalog.PinnedTable;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.FileFormat;

/// Counts the rows of some data files that position deletes and deletion vectors hit. Reads Parquet position deletes,
/// each once. For one thread.
final class PositionHits {
    private static final long BYTES_PER_POSITION = 8;

    private final PinnedTable table;
    private final Set<String> paths;
    private final PlanMemory memory;
    private final PositionDeletes.Reads reads;
    private final Map<String, PositionDeletes> read = new HashMap<>();

    /// @param files the only ones that can be asked for
    PositionHits(PinnedTable table, Collection<FileKey> files, PlanMemory memory, BooleanSupplier cancelled) {
        this.table = table;
        this.paths = files.stream()
                .map(file -> ScanPlanner.withoutScheme(file.location()))
                .collect(Collectors.toSet());
        this.memory = memory;
        this.reads = new PositionDeletes.Reads(new LongAdder(), cancelled);
    }

    /// @param deletes of the file
    /// @param rows of the file
    RewrittenFiles.Hits of(String location, List<DeleteFile> deletes, long rows) {
        BitSet hit = new BitSet();
        long counted = 0;
        long unsure = 0;
        for (DeleteFile delete : deletes) {
            if (delete.content() == FileContent.EQUALITY_DELETES) {
                continue;
            }
            if (DeletePairing.isVector(delete)) {
                counted += delete.recordCount();
            } else if (delete.format() == FileFormat.PARQUET) {
                read.computeIfAbsent(delete.location(), _ -> read(delete))
                        .forEach(ScanPlanner.withoutScheme(location), position -> {
                            if (position >= 0 && position < rows) {
                                hit.set(Math.toIntExact(position));
                            }
                        });
            } else {
                unsure += delete.recordCount();
            }
        }
        counted += hit.cardinality();
        return new RewrittenFiles.Hits(Math.min(rows, counted), Math.min(rows, counted + unsure));
    }

    private PositionDeletes read(DeleteFile delete) {
        memory.add(delete.recordCount() * BYTES_PER_POSITION);
        return PositionDeletes.read(table, delete, paths::contains, reads);
    }
}
