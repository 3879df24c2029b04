package dev.firn.lake.catalog;

import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeException;
import dev.firn.lake.LakeFaults;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.storage.Location;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableProperties;

/// An older metadata file of a loaded table.
///
/// Its location comes from requests and records, so it is read only if it belongs to this table: it must be in the
/// metadata log or under the table's location, and have the table's UUID.
///
/// @param purpose why the file is read, for the coordinates of a rejection
record TableMetadataFile(LakeTable now, String location, String purpose) {
    /// Throws `LOCATION_NOT_ALLOWED`, `SNAPSHOT_EXPIRED` if it is gone, `SNAPSHOT_NOT_FOUND` if it belongs to
    /// another table, `FILE_UNREADABLE` if it is damaged.
    TableMetadata read() {
        requireOurs();
        TableMetadata metadata;
        try {
            metadata = MetadataJson.read(now.iceberg().io().newInputFile(location));
        } catch (RuntimeException fault) {
            if (LakeFaults.cause(fault, LakeException.class).isEmpty() && LakeFaults.isNotFound(fault)) {
                throw rejected(LakeCode.SNAPSHOT_EXPIRED, "the snapshot has expired and its metadata file is gone");
            }
            throw fault;
        }
        if (!now.uuid().equals(metadata.uuid())) {
            throw rejected(LakeCode.SNAPSHOT_NOT_FOUND, "the metadata file belongs to another table");
        }
        return metadata;
    }

    LakeRejection rejected(LakeCode code, String why) {
        return new LakeRejection(code, "[" + purpose + " in " + location + "] " + why);
    }

    private void requireOurs() {
        boolean logged = location.equals(now.metadataLocation())
                || now.metadata().previousFiles().stream()
                        .anyMatch(entry -> entry.file().equals(location));
        if (logged) {
            return;
        }
        Location parsed = Location.parse(location);
        String folder = now.metadata().property(TableProperties.WRITE_METADATA_LOCATION, now.location());
        if (!location.contains(".metadata.json") || !parsed.isUnder(Location.parse(folder))) {
            throw rejected(LakeCode.LOCATION_NOT_ALLOWED, "not a metadata file of the table");
        }
    }
}
