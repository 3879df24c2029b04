package dev.firn.lake.catalog;

import dev.firn.lake.LakeFaults;
import java.util.List;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.io.FileIO;
import org.jspecify.annotations.Nullable;

/// Looks whether Firn may read what a snapshot consists of, before anyone depends on it: the files themselves are
/// checked only when they are opened. An imported table often has its data outside of its own location.
final class FileLocations {
    /// Files whose locations are looked at; those of a table that has more are checked when they are opened.
    static final int MAX_FILES = 10_000;

    /// Properties that tell writers where to put new files.
    private static final List<String> WRITE_LOCATIONS = List.of(
            TableProperties.WRITE_DATA_LOCATION,
            TableProperties.WRITE_METADATA_LOCATION,
            "write.object-storage.path",
            "write.folder-storage.path");

    private FileLocations() {}

    /// Throws `DATA_LOCATION_NOT_ALLOWED`.
    ///
    /// @param snapshotId null if the table has none
    static void check(LakeTable table, @Nullable Long snapshotId) {
        DataLocations allowed = table.locations();
        for (String property : WRITE_LOCATIONS) {
            String location = table.metadata().properties().get(property);
            if (location != null) {
                allowed.check(location);
            }
        }
        Snapshot snapshot = snapshotId == null ? null : table.metadata().snapshot(snapshotId);
        if (snapshot == null) {
            return;
        }
        FileIO io = table.iceberg().io();
        try {
            List<ManifestFile> manifests = snapshot.allManifests(io);
            manifests.forEach(manifest -> allowed.check(manifest.path()));
            int[] files = {0};
            LiveFiles.each(manifests, io, table.metadata().specsById(), file -> {
                allowed.check(file.location());
                return ++files[0] < MAX_FILES;
            });
        } catch (RuntimeException fault) {
            throw LakeFaults.whileReading(table.name(), snapshotId, fault);
        }
    }
}
