package dev.firn.lake.catalog;

import java.util.Map;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;

/// A catalog's file IO for reading one table: opens only files under the table's [DataLocations], whatever the metadata
/// says, and writes nothing. Everything that Firn reads of a table comes through here: older metadata files, manifest
/// lists, manifests, data files, delete files and deletion vectors. Thread-safe.
///
/// Closing it does nothing: the catalog owns the file IO within.
final class GuardedFileIO implements FileIO {
    private static final long serialVersionUID = 1L;

    private final transient FileIO io;
    private final transient DataLocations locations;

    GuardedFileIO(FileIO io, DataLocations locations) {
        this.io = io;
        this.locations = locations;
    }

    @Override
    public InputFile newInputFile(String path) {
        locations.check(path);
        return io.newInputFile(path);
    }

    @Override
    public InputFile newInputFile(String path, long length) {
        locations.check(path);
        return io.newInputFile(path, length);
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
