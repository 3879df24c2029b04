package dev.firn.lake.storage;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;

/// The store of spines and results. Methods throw `LakeRejection` (`FILE_NOT_FOUND`, `FILE_DENIED`, `FILE_TOO_LARGE`,
/// `LOCATION_INVALID`, `LOCATION_NOT_ALLOWED`, `UNSUPPORTED_STORE`) or, after bounded retries, `LakeOutage`. Streams of
/// [#input] and [#output] throw what Iceberg throws: see [dev.firn.lake.LakeFaults]. Thread-safe.
public interface Storage extends AutoCloseable {
    /// Opens a store with the properties of Iceberg's S3FileIO (`s3.endpoint`, `s3.access-key-id`,
    /// `client.region`, …). Without keys, the default credential chain of AWS applies. Serves `s3://` and the
    /// local file system.
    static Storage open(Map<String, String> properties) {
        return RoutedStorage.open(properties);
    }

    /// The file for reading by Iceberg and Parquet. No request is sent until it is read.
    InputFile input(String location);

    /// The file for writing by Iceberg and Parquet. It appears atomically when its stream is closed.
    OutputFile output(String location);

    /// Atomically creates a small file if it is absent. Also returns `CREATED` if the file exists with the same
    /// bytes, as after an attempt whose response was lost. Writers that race must therefore write content that is
    /// unique to each.
    PutOutcome putIfAbsent(String location, byte[] content);

    /// Reads the whole file. Throws `FILE_TOO_LARGE` if it exceeds `maxBytes`.
    byte[] read(String location, int maxBytes);

    /// Lists the file itself, or all files under the folder, in the order of the UTF-8 bytes of their paths. Empty
    /// if nothing exists. Names that start with `_` are listed too.
    List<StoredFile> list(String folderOrFile);

    /// Visits all files under the folder in the order of the UTF-8 bytes of their paths, however many they are.
    default void walk(String folder, Consumer<AgedFile> visitor) {
        throw new UnsupportedOperationException("this storage cannot be walked");
    }

    /// Abandons the uploads under the folder that were begun before that time and never completed. Returns how many.
    default int abandonUploads(String folder, Instant before) {
        return 0;
    }

    /// The ETag of the file, as [#list] returns it.
    String etag(String location);

    /// Deletes the files; missing files count as deleted.
    void delete(Collection<String> locations);

    /// Deletes the file if it still has that ETag. A store without conditional deletes is asked for the ETag first; it
    /// may still delete a file that is replaced between the two calls.
    ///
    /// @param etag as [#walk] tells it
    default void deleteUnchanged(String location, String etag) {
        if (etag(location).equals(etag)) {
            delete(List.of(location));
        }
    }

    /// Races clients in the folder over several rounds to find out whether [#putIfAbsent] always has one winner.
    /// Deletes the files it creates.
    boolean conditionalPutIsAtomic(String probeFolder);

    @Override
    void close();
}
