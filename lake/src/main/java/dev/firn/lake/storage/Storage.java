package dev.firn.lake.storage;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;

/// The store of spines and results. Every method answers, or throws `LakeRejection` (`FILE_NOT_FOUND`,
/// `FILE_DENIED`, `FILE_TOO_LARGE`, `LOCATION_INVALID`, `LOCATION_NOT_ALLOWED`, `UNSUPPORTED_STORE`) or
/// `LakeOutage`; transient faults are retried within limits before that. Streams of [#input] and [#output]
/// throw what Iceberg throws: see [dev.firn.lake.LakeFaults]. Thread-safe.
public interface Storage extends AutoCloseable {
    /// A store of the given properties, which are those of Iceberg's S3FileIO (`s3.endpoint`,
    /// `s3.access-key-id`, `client.region`, …); without keys AWS's default chain is asked. Serves `s3://` and
    /// the local file system.
    static Storage open(Map<String, String> properties) {
        return RoutedStorage.open(properties);
    }

    /// The file as Iceberg and Parquet read it. Nothing is asked of the store until it is read.
    InputFile input(String location);

    /// The file as Iceberg and Parquet write it; it appears as a whole when its stream is closed.
    OutputFile output(String location);

    /// Creates a small file unless something is there, atomically. `CREATED` also if the very same bytes are
    /// there already: an earlier try whose answer was lost. Writers that must tell each other apart put
    /// something of their own into the content.
    PutOutcome putIfAbsent(String location, byte[] content);

    /// The whole file, which may have at most `maxBytes` (`FILE_TOO_LARGE`).
    byte[] read(String location, int maxBytes);

    /// The file itself, or every file below the folder, in the order of their paths' UTF-8 bytes. Empty:
    /// nothing is there. Nothing is hidden: names with `_` are listed too.
    List<StoredFile> list(String folderOrFile);

    /// The file's mark of content, as [#list] gives it.
    String etag(String location);

    /// Deletes the files; what is not there counts as deleted.
    void delete(Collection<String> locations);

    /// Whether [#putIfAbsent] has one winner when clients race, found out by racing some over several rounds
    /// below the folder. The files it makes are deleted.
    boolean conditionalPutIsAtomic(String probeFolder);

    @Override
    void close();
}
