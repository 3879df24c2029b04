package dev.firn.lake.scan;

import java.util.Map;
import java.util.Objects;
import java.util.Set;

/// The data files that compactions between two snapshots read and wrote, where only the place of rows changed; see
/// [Compactions].
public final class PassedOver {
    /// No compaction.
    public static final PassedOver NOTHING = new PassedOver(Set.of(), Map.of());

    private final Set<FileKey> inputs;
    private final Map<FileKey, Output> outputs;

    /// The equality deletes of the inputs that a file's rows come from, by location.
    ///
    /// @param known those that had hidden rows of all of these inputs already
    /// @param hiding those that hid rows of any of these inputs, and by their sequence numbers hide them here
    ///     too. The compaction may have kept such rows: they come back if the delete goes
    record Output(Set<String> known, Set<String> hiding) {}

    /// @param inputs files of the earlier snapshot that were rewritten
    /// @param outputs files of the later snapshot that hold their rows
    PassedOver(Set<FileKey> inputs, Map<FileKey, Output> outputs) {
        this.inputs = Set.copyOf(inputs);
        this.outputs = Map.copyOf(outputs);
    }

    boolean isInput(FileKey file) {
        return inputs.contains(file);
    }

    boolean isOutput(FileKey file) {
        return outputs.containsKey(file);
    }

    /// @param file an output
    Output output(FileKey file) {
        return Objects.requireNonNull(outputs.get(file));
    }

    boolean isEmpty() {
        return outputs.isEmpty();
    }
}
