package dev.firn.lake.storage;

import java.nio.file.Path;
import java.util.Optional;

/// The local path that a location names.
public final class LocalPath {
    private LocalPath() {}

    /// Empty if the location is not a local path.
    public static Optional<Path> of(String location) {
        if (location.startsWith("/")) {
            return Optional.of(Path.of(location));
        }
        if (location.startsWith("file:/")) {
            String path = location.startsWith("file:///")
                    ? location.substring("file://".length())
                    : location.substring("file:".length());
            return path.startsWith("//") ? Optional.empty() : Optional.of(Path.of(path));
        }
        return Optional.empty();
    }
}
