package dev.firn.lake.storage;

import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;

/// [Storage] for the locations of one scheme.
interface SchemeStore {
    /// How to treat a file that exists already.
    enum Owner {
        /// It is this writer's if it has the same bytes: an earlier attempt whose response was lost.
        BY_CONTENT,
        /// It is another writer's, whatever its content.
        NEVER_OURS
    }

    InputFile input(Location location);

    OutputFile output(Location location);

    PutOutcome putIfAbsent(Location location, byte[] content, Owner owner);

    byte[] read(Location location, int maxBytes);

    /// @param asFolder the location has a trailing slash, so it cannot mean a file
    List<StoredFile> list(Location location, boolean asFolder);

    void walk(Location folder, Consumer<AgedFile> visitor);

    int abandonUploads(Location folder, Instant before);

    String etag(Location location);

    void delete(Location location);

    void deleteUnchanged(Location location, String etag);

    void close();
}
