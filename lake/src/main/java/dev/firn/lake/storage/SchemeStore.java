package dev.firn.lake.storage;

import java.util.List;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;

/// [Storage] for the locations of one scheme.
interface SchemeStore {
    /// Whose a file is that was there already.
    enum Owner {
        /// This writer's, if it holds the same bytes: an earlier try whose answer was lost.
        BY_CONTENT,
        /// Somebody else's, whatever it holds.
        NEVER_OURS
    }

    InputFile input(Location location);

    OutputFile output(Location location);

    PutOutcome putIfAbsent(Location location, byte[] content, Owner owner);

    byte[] read(Location location, int maxBytes);

    /// @param asFolder the location was written with a trailing slash, so a file of that name is not meant
    List<StoredFile> list(Location location, boolean asFolder);

    String etag(Location location);

    void delete(Location location);

    void close();
}
