package dev.firn.lake.scan;

import dev.firn.lake.scan.DeletePairing.Scope;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;

/// What one compaction read and wrote, and the deletes of what it read.
final class RewrittenFiles {
    private final Map<FileKey, Rewritten> inputs = new LinkedHashMap<>();
    private final Map<FileKey, Rewritten> outputs = new LinkedHashMap<>();
    private final Map<Scope, Hiding> byPartition = new HashMap<>();
    private final Map<Integer, Hiding> bySpec = new HashMap<>();
    private long rowsWritten;
    private long mostRows;
    private long leastRows;

    private record Rewritten(Scope partition, long rows) {}

    /// Equality deletes of some files, by location: those of all of them, and those of any, with their sequence
    /// numbers.
    private record Hiding(Set<String> all, Map<String, Long> any) {
        Hiding and(Hiding other) {
            Set<String> both = new HashSet<>(all);
            both.retainAll(other.all());
            Map<String, Long> either = new HashMap<>(any);
            either.putAll(other.any());
            return new Hiding(both, either);
        }
    }

    void addInput(DataFile file, Scope partition) {
        inputs.put(FileKey.of(file), new Rewritten(partition, file.recordCount()));
    }

    void addOutput(DataFile file, Scope partition) {
        outputs.put(FileKey.of(file), new Rewritten(partition, file.recordCount()));
        rowsWritten += file.recordCount();
    }

    Set<FileKey> inputs() {
        return inputs.keySet();
    }

    Set<FileKey> outputs() {
        return outputs.keySet();
    }

    /// How many rows of a file position deletes hit.
    record Hits(long least, long most) {}

    /// The rows of an input, as its manifest says.
    long rows(FileKey input) {
        return rewritten(inputs, input).rows();
    }

    private static Rewritten rewritten(Map<FileKey, Rewritten> files, FileKey key) {
        Rewritten file = files.get(key);
        if (file == null) {
            throw new IllegalArgumentException("%s was not rewritten".formatted(key));
        }
        return file;
    }

    /// Notes the deletes of an input. Called once for each.
    ///
    /// @param hits of the position deletes among them
    void addDeletes(FileKey input, List<DeleteFile> deletes, Hits hits) {
        Rewritten file = rewritten(inputs, input);
        Map<String, Long> equalities = new HashMap<>();
        for (DeleteFile delete : deletes) {
            if (delete.content() == FileContent.EQUALITY_DELETES) {
                equalities.put(delete.location(), delete.dataSequenceNumber());
            }
        }
        leastRows += equalities.isEmpty() ? file.rows() - hits.most() : 0;
        mostRows += file.rows() - hits.least();
        Hiding hiding = new Hiding(equalities.keySet(), equalities);
        byPartition.merge(file.partition(), hiding, Hiding::and);
        bySpec.merge(file.partition().specId(), hiding, Hiding::and);
    }

    /// Whether the counts allow that all rows were kept, but for those that the noted deletes hit. Equality deletes may
    /// hit any row of their file, and the compaction may have kept what they hit.
    boolean keepsRows() {
        return leastRows <= rowsWritten && rowsWritten <= mostRows;
    }

    /// Rows of a file come from inputs of its partition, or of another spec.
    PassedOver.Output output(FileKey output) {
        Rewritten file = rewritten(outputs, output);
        Hiding hiding = byPartition.get(file.partition());
        for (Map.Entry<Integer, Hiding> other : bySpec.entrySet()) {
            if (other.getKey() != file.partition().specId()) {
                hiding = hiding == null ? other.getValue() : hiding.and(other.getValue());
            }
        }
        if (hiding == null) {
            return new PassedOver.Output(Set.of(), Set.of());
        }
        Set<String> stillHiding = new HashSet<>();
        hiding.any().forEach((location, sequence) -> {
            if (sequence > output.sequence()) {
                stillHiding.add(location);
            }
        });
        return new PassedOver.Output(Set.copyOf(hiding.all()), stillHiding);
    }
}
