package dev.firn.lake.catalog;

import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeFaults;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.storage.Location;
import java.util.Optional;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.StaticTableOperations;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.io.FileIO;

/// Finds what a pin fixed: in the table as it stands, or in the metadata file the pin names when the catalog
/// lists the
/// snapshot no longer (it expired but its files are kept, or the catalog shows one snapshot only, as Nessie
/// does).
///
/// Pins come from requests, so the file is read only if it is one of this table's: listed in its metadata log,
/// or below
/// its location, and of its UUID.
final class PinResolution {
    private final LakeTable now;
    private final SnapshotPin pin;

    private PinResolution(LakeTable now, SnapshotPin pin) {
        this.now = now;
        this.pin = pin;
    }

    static PinnedTable resolve(LakeTable now, SnapshotPin pin) {
        PinResolution resolution = new PinResolution(now, pin);
        return resolution.in(now.metadata(), now.iceberg()).orElseGet(resolution::inPinnedMetadata);
    }

    private Optional<PinnedTable> in(TableMetadata metadata, Table table) {
        Schema schema = metadata.schemasById().get(pin.schemaId());
        Long id = pin.snapshotId();
        if (schema == null || (id != null && metadata.snapshot(id) == null)) {
            return Optional.empty();
        }
        return Optional.of(new PinnedTable(pin, schema, table));
    }

    private PinnedTable inPinnedMetadata() {
        FileIO io = now.iceberg().io();
        TableMetadata metadata = read(io);
        if (!now.uuid().equals(metadata.uuid())) {
            throw rejected(LakeCode.SNAPSHOT_NOT_FOUND, "its metadata file is of another table");
        }
        Table table = new BaseTable(
                new StaticTableOperations(metadata, io), now.name().toString());
        PinnedTable pinned = in(metadata, table)
                .orElseThrow(() ->
                        rejected(LakeCode.SNAPSHOT_NOT_FOUND, "its metadata file does not list snapshot or schema"));
        Long id = pin.snapshotId();
        Snapshot snapshot = id == null ? null : metadata.snapshot(id);
        String manifests = snapshot == null ? null : snapshot.manifestListLocation();
        if (manifests != null && !io.newInputFile(manifests).exists()) {
            throw rejected(LakeCode.SNAPSHOT_EXPIRED, "the snapshot has expired: " + manifests + " is gone");
        }
        return pinned;
    }

    private TableMetadata read(FileIO io) {
        requireOurs();
        try {
            return TableMetadataParser.read(io, pin.metadataLocation());
        } catch (RuntimeException fault) {
            if (LakeFaults.isNotFound(fault)) {
                throw rejected(LakeCode.SNAPSHOT_EXPIRED, "the snapshot has expired and its metadata file is gone");
            }
            throw fault;
        }
    }

    private void requireOurs() {
        String file = pin.metadataLocation();
        boolean logged = file.equals(now.metadataLocation())
                || now.metadata().previousFiles().stream()
                        .anyMatch(entry -> entry.file().equals(file));
        if (logged) {
            return;
        }
        Location location = Location.parse(file);
        String folder = now.metadata().property(TableProperties.WRITE_METADATA_LOCATION, now.location());
        if (!file.contains(".metadata.json") || !location.isUnder(Location.parse(folder))) {
            throw rejected(LakeCode.LOCATION_NOT_ALLOWED, "that is no metadata file of the table");
        }
    }

    private LakeRejection rejected(LakeCode code, String why) {
        return new LakeRejection(
                code,
                "[" + pin.table() + " snapshot " + pin.snapshotId() + " schema " + pin.schemaId() + " in "
                        + pin.metadataLocation() + "] " + why);
    }
}
