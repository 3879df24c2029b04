package dev.firn.lake.catalog;

import dev.firn.lake.LakeCode;
import java.util.Optional;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.TableMetadata;

/// Resolves a pin: in the current metadata of the table, or in the metadata file that the pin names if the catalog no
/// longer lists the snapshot (it expired but its files still exist, or the catalog lists only one snapshot, as Nessie
/// does).
final class PinResolution {
    private final LakeTable now;
    private final SnapshotPin pin;

    private PinResolution(LakeTable now, SnapshotPin pin) {
        this.now = now;
        this.pin = pin;
    }

    static PinnedTable resolve(LakeTable now, SnapshotPin pin) {
        PinResolution resolution = new PinResolution(now, pin);
        return resolution.find(now).orElseGet(resolution::findInPinnedMetadata);
    }

    private Optional<PinnedTable> find(LakeTable table) {
        Schema schema = table.metadata().schemasById().get(pin.schemaId());
        Long id = pin.snapshotId();
        if (schema == null || (id != null && table.metadata().snapshot(id) == null)) {
            return Optional.empty();
        }
        return Optional.of(new PinnedTable(pin, schema, table.iceberg()));
    }

    private PinnedTable findInPinnedMetadata() {
        TableMetadataFile file = new TableMetadataFile(
                now,
                pin.metadataLocation(),
                pin.table() + " snapshot " + pin.snapshotId() + " schema " + pin.schemaId());
        TableMetadata metadata = file.read();
        PinnedTable pinned = find(now.at(metadata))
                .orElseThrow(() -> file.rejected(
                        LakeCode.SNAPSHOT_NOT_FOUND, "its metadata file does not list the snapshot or the schema"));
        Long id = pin.snapshotId();
        Snapshot snapshot = id == null ? null : metadata.snapshot(id);
        String manifests = snapshot == null ? null : snapshot.manifestListLocation();
        if (manifests != null && !now.iceberg().io().newInputFile(manifests).exists()) {
            throw file.rejected(LakeCode.SNAPSHOT_EXPIRED, "the snapshot has expired: " + manifests + " is gone");
        }
        return pinned;
    }
}
