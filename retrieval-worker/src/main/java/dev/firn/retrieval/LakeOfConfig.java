package dev.firn.retrieval;

import dev.firn.config.FirnConfig;
import dev.firn.config.Settings;
import dev.firn.lake.Access;
import dev.firn.lake.catalog.Catalogs;
import java.util.List;
import java.util.Set;

/// From settings to the lake's own terms.
final class LakeOfConfig {
    private LakeOfConfig() {}

    static Catalogs catalogs(FirnConfig config) {
        Access access = new Access(
                Set.copyOf(config.access().catalogs()),
                Set.copyOf(config.access().schemas().orElse(List.of())),
                config.access().spineLocations(),
                config.results().location(),
                Set.copyOf(config.access().retainCatalogs().orElse(List.of())));
        return Catalogs.of(
                Settings.catalogProperties(config),
                Settings.storageProperties(config),
                access,
                config.catalogTimeout());
    }
}
