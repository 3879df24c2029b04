package dev.firn.lake.catalog;

import dev.firn.lake.LakeCode;
import java.util.Optional;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.TableMetadata;

/// Finds what a pin fixed: in the table as it stands, or in the metadata file the pin names when the catalog
/// lists the snapshot no longer (it expired but its files are kept, or the catalog shows one snapshot only,
/// as Nessie does).
final class PinResolution {
    private final LakeTable now;
    private final SnapshotPin pin;

    private PinResolution(LakeTable now, SnapshotPin pin) {
        this.now = now;
        this.pin = pin;
    }

    static PinnedTable resolve(LakeTable now, SnapshotPin pin) {
        PinResolution resolution = new PinResolution(now, pin);
        return resolution.in(now).orElseGet(resolution::inPinnedMetadata);
    }

    private Optional<PinnedTable> in(LakeTable table) {
        Schema schema = table.metadata().schemasById().get(pin.schemaId());
        Long id = pin.snapshotId();
        if (schema == null || (id != null && table.metadata().snapshot(id) == null)) {
            return Optional.empty();
        }
        return Optional.of(new PinnedTable(pin, schema, table.iceberg()));
    }

    private PinnedTable inPinnedMetadata() {
        TableMetadataFile file = new TableMetadataFile(
                now,
                pin.metadataLocation(),
                pin.table() + " snapshot " + pin.snapshotId() + " schema " + pin.schemaId());
        TableMetadata metadata = file.read();
        PinnedTable pinned = in(now.at(metadata))
                .orElseThrow(() -> file.rejected(
                        LakeCode.SNAPSHOT_NOT_FOUND, "its metadata file does not list snapshot or schema"));
        Long id = pin.snapshotId();
        Snapshot snapshot = id == null ? null : metadata.snapshot(id);
        String manifests = snapshot == null ? null : snapshot.manifestListLocation();
        if (manifests != null && !now.iceberg().io().newInputFile(manifests).exists()) {
            throw file.rejected(LakeCode.SNAPSHOT_EXPIRED, "the snapshot has expired: " + manifests + " is gone");
        }
        return pinned;
    }
}
