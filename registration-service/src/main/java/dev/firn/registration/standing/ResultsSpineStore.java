package dev.firn.registration.standing;

import dev.firn.events.Spine;
import dev.firn.lake.catalog.Catalogs;
import dev.firn.service.result.ResultLayout;
import dev.firn.service.spine.StoredRows;

/// Stores inline spines among the results, as [StoredRows].
public final class ResultsSpineStore implements SpineStore {
    private final Catalogs catalogs;
    private final ResultLayout layout;

    public ResultsSpineStore(Catalogs catalogs, ResultLayout layout) {
        this.catalogs = catalogs;
        this.layout = layout;
    }

    @Override
    public Spine stored(String standingId, Spine inline) {
        byte[] content = StoredRows.of(inline).toBytes();
        String location = StoredRows.location(layout, standingId, content);
        catalogs.storage().putIfAbsent(location, content);
        return StoredRows.spineAt(inline, location);
    }
}
