package dev.firn.embedded;

import java.nio.file.Path;
import java.util.List;

/// A stack that another process runs, or ran: what its folder tells.
public record AttachedStack(Path folder, StackAddresses addresses, List<Part> parts) {
    public AttachedStack {
        parts = List.copyOf(parts);
    }

    /// Asks every part now, all at once.
    public List<PartStatus> status() {
        return parts.parallelStream().map(PartStatus::of).toList();
    }

    public boolean isHealthy() {
        return !parts.isEmpty() && status().stream().allMatch(PartStatus::healthy);
    }
}
