package dev.firn.embedded;

import java.nio.file.Path;
import java.util.List;

/// A stack as its folder describes it. Another process may run it, or it may be stopped.
public record AttachedStack(Path folder, StackAddresses addresses, List<Part> parts) {
    public AttachedStack {
        parts = List.copyOf(parts);
    }

    /// Checks all parts now, in parallel.
    public List<PartStatus> status() {
        return parts.parallelStream().map(PartStatus::of).toList();
    }

    public boolean isHealthy() {
        return !parts.isEmpty() && status().stream().allMatch(PartStatus::healthy);
    }
}
