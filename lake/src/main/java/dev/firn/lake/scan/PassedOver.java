package dev.firn.lake.scan;

import java.util.Map;
import java.util.Set;

/// The data files that compactions between two snapshots read and wrote, where only the place of rows changed; see
/// [Compactions].
public final class PassedOver {
    /// No compaction.
    public static final PassedOver NOTHING = new PassedOver(Set.of(), Map.of());

    private final Set<FileKey> inputs;
    private final Map<FileKey, Set<String>> outputs;

    /// @param inputs files of the earlier snapshot that were rewritten
    /// @param outputs files of the later snapshot that hold their rows, each with the locations of the equality
    ///     deletes that had hidden rows of all of its inputs already
    PassedOver(Set<FileKey> inputs, Map<FileKey, Set<String>> outputs) {
        this.inputs = Set.copyOf(inputs);
        this.outputs = Map.copyOf(outputs);
    }

    boolean isInput(FileKey file) {
        return inputs.contains(file);
    }

    boolean isOutput(FileKey file) {
        return outputs.containsKey(file);
    }

    Set<String> appliedEqualities(FileKey output) {
        return outputs.getOrDefault(output, Set.of());
    }

    boolean isEmpty() {
        return outputs.isEmpty();
    }
}
