package dev.firn.lake.catalog;

import dev.firn.lake.storage.AvroFile;
import dev.firn.lake.storage.StoreIO;
import dev.firn.lake.storage.StoreInput;
import dev.firn.lake.storage.TableCaches;
import java.util.Map;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestListFile;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;

/// A catalog's file IO for reading one table: opens only files under the table's [DataLocations], whatever the metadata
/// says, and writes nothing. Everything that Firn reads of a table comes through here: older metadata files, manifest
/// lists, manifests, data files, delete files and deletion vectors. So each of them is checked before anything that is
/// kept of it is used. Thread-safe.
///
/// Closing it does nothing: the catalog owns the file IO within.
final class GuardedFileIO implements FileIO {
    private static final long serialVersionUID = 1L;

    private final transient FileIO io;
    private final transient DataLocations locations;
    private final transient TableCaches.OfTable cache;

    GuardedFileIO(StoreIO io, DataLocations locations, TableCaches.OfTable cache) {
        this.io = io;
        this.locations = locations;
        this.cache = cache;
    }

    @Override
    public InputFile newInputFile(String path) {
        locations.check(path);
        return StoreInput.of(io.newInputFile(path)).keptIn(cache);
    }

    @Override
    public InputFile newInputFile(String path, long length) {
        locations.check(path);
        return StoreInput.of(io.newInputFile(path, length)).keptIn(cache);
    }

    @Override
    public InputFile newInputFile(ManifestListFile manifests) {
        return AvroFile.of(FileIO.super.newInputFile(manifests));
    }

    @Override
    public InputFile newInputFile(ManifestFile manifest) {
        return AvroFile.of(FileIO.super.newInputFile(manifest));
    }

    /// Forgets what was kept of the table's files.
    void forget() {
        cache.metadata().forget();
    }

    @Override
    public OutputFile newOutputFile(String path) {
        throw new UnsupportedOperationException("Firn does not write to tables: " + path);
    }

    @Override
    public void deleteFile(String path) {
        throw new UnsupportedOperationException("Firn does not delete files of tables: " + path);
    }

    @Override
    public Map<String, String> properties() {
        return io.properties();
    }

    @Override
    public void close() {}
}
