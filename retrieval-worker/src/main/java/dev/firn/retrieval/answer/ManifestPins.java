package dev.firn.retrieval.answer;

import dev.firn.events.Pins;
import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.catalog.Catalogs;
import dev.firn.lake.storage.Location;
import dev.firn.service.result.Manifest;
import dev.firn.service.result.ResultLayout;

/// Reads the pins of an earlier result's manifest, which must be below the results of this deployment.
public final class ManifestPins implements Answering.PinsLocation {
    private final Catalogs catalogs;
    private final Location root;

    public ManifestPins(Catalogs catalogs, ResultLayout layout) {
        this.catalogs = catalogs;
        this.root = Location.parse(layout.root());
    }

    @Override
    public Pins read(String manifestLocation) {
        Location location = catalogs.access().result(manifestLocation);
        if (!location.isUnder(root)) {
            throw new LakeRejection(
                    LakeCode.LOCATION_NOT_ALLOWED, "[" + location + "] is not below the results at " + root);
        }
        Manifest manifest =
                Manifest.parse(catalogs.storage().read(location.toString(), Manifest.MAX_BYTES), location.toString());
        Pins pins = manifest.pins();
        if (pins == null) {
            throw new IllegalArgumentException("[" + location + "] has no pins, because that retrieval failed");
        }
        return pins;
    }
}
