package dev.firn.registration.standing;

import dev.firn.events.Spine;
import dev.firn.lake.catalog.Catalogs;
import dev.firn.service.spine.StoredRows;

/// Stores inline spines in a folder of their own, as [StoredRows].
public final class StoredRowsStore implements SpineStore {
    private final Catalogs catalogs;
    private final String folder;

    public StoredRowsStore(Catalogs catalogs, String folder) {
        this.catalogs = catalogs;
        this.folder = folder;
    }

    @Override
    public Spine stored(String standingId, Spine inline) {
        byte[] content = StoredRows.of(inline).toBytes();
        String location = StoredRows.location(folder, standingId, content);
        catalogs.storage().putIfAbsent(location, content);
        return StoredRows.spineAt(inline, location);
    }
}
