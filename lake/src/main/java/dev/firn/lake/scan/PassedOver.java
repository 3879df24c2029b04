package dev.firn.lake.scan;

import java.util.Map;
import java.util.Set;
import org.apache.iceberg.DeleteFile;

/// The data files that compactions between two snapshots read and wrote, where nothing but the place of rows changed.
///
/// @param inputs live files of the earlier snapshot that were rewritten
/// @param outputs live files of the later snapshot that hold their rows
/// @param appliedEqualities the equality deletes that hid rows of the inputs already, by location
public record PassedOver(Set<Moved> inputs, Set<Moved> outputs, Map<String, DeleteFile> appliedEqualities) {
    /// No compaction.
    public static final PassedOver NOTHING = new PassedOver(Set.of(), Set.of(), Map.of());

    public PassedOver {
        inputs = Set.copyOf(inputs);
        outputs = Set.copyOf(outputs);
        appliedEqualities = Map.copyOf(appliedEqualities);
    }

    /// A data file.
    ///
    /// @param sequence its data sequence number
    public record Moved(String location, long sequence) {}

    boolean isInput(String location, long sequence) {
        return inputs.contains(new Moved(location, sequence));
    }

    boolean isOutput(String location, long sequence) {
        return outputs.contains(new Moved(location, sequence));
    }

    boolean isEmpty() {
        return outputs.isEmpty();
    }
}
