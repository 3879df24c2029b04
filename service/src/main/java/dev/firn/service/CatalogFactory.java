package dev.firn.service;

import dev.firn.config.FirnConfig;
import dev.firn.config.Settings;
import dev.firn.lake.Access;
import dev.firn.lake.OwnLocations;
import dev.firn.lake.catalog.CatalogLimits;
import dev.firn.lake.catalog.Catalogs;
import dev.firn.lake.storage.GuardedStorage;
import dev.firn.lake.storage.MetadataCache;
import dev.firn.lake.storage.Storage;
import dev.firn.service.spine.StoredRows;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Opens the lake as the settings describe it.
public final class CatalogFactory {
    private CatalogFactory() {}

    /// The catalogs and the store of a deployment, within its guard rails. The caller closes them.
    ///
    /// @param metrics gets the calls in progress of each catalog
    public static Catalogs open(FirnConfig config, MeterRegistry metrics) {
        return counted(open(config), metrics);
    }

    /// Like [#open(FirnConfig, MeterRegistry)], with memory to keep metadata of tables.
    public static Catalogs open(FirnConfig config, MeterRegistry metrics, long metadataBytes) {
        Catalogs catalogs = counted(open(config, limits(config).withMetadataBytes(metadataBytes)), metrics);
        MetadataCache kept = catalogs.metadata();
        Gauge.builder("firn.cache.metadata.bytes", kept, MetadataCache::bytes)
                .description("memory of the metadata that is kept")
                .register(metrics);
        FunctionCounter.builder("firn.cache.metadata.hits", kept, MetadataCache::hits)
                .description("metadata that was not read again")
                .register(metrics);
        FunctionCounter.builder("firn.cache.metadata.misses", kept, MetadataCache::misses)
                .description("metadata that had to be read")
                .register(metrics);
        FunctionCounter.builder("firn.cache.metadata.evictions", kept, MetadataCache::evictions)
                .description("metadata that was dropped for lack of memory")
                .register(metrics);
        return catalogs;
    }

    private static Catalogs counted(Catalogs catalogs, MeterRegistry metrics) {
        for (String name : catalogs.names()) {
            Gauge.builder("firn.catalog.calls", catalogs, all -> all.callsInProgress(name))
                    .tag("catalog", name)
                    .register(metrics);
        }
        return catalogs;
    }

    /// The store of a deployment alone, within its guard rails. The caller closes it.
    public static Storage openStorage(FirnConfig config) {
        return new GuardedStorage(Storage.open(Settings.storageProperties(config)), access(config));
    }

    private static Access access(FirnConfig config) {
        String uploads = Settings.uploadsLocation(config);
        List<String> spines = new ArrayList<>(config.access().spineLocations());
        spines.add(uploads);
        return new Access(
                Set.copyOf(config.access().catalogs()),
                Set.copyOf(config.access().schemas().orElse(List.of())),
                spines,
                new OwnLocations(config.results().location(), StoredRows.folder(config), uploads),
                Set.copyOf(config.access().retainCatalogs().orElse(List.of())),
                config.access().dataLocations().orElse(List.of()),
                Set.copyOf(config.access().targetSchemas().orElse(List.of())));
    }

    /// Like [#open(FirnConfig, MeterRegistry)], without metrics.
    public static Catalogs open(FirnConfig config) {
        return open(config, limits(config));
    }

    private static CatalogLimits limits(FirnConfig config) {
        return new CatalogLimits(
                config.catalogTimeout(), config.catalogCalls(), config.refresh().comparisonMemoryBytes());
    }

    private static Catalogs open(FirnConfig config, CatalogLimits limits) {
        return Catalogs.of(
                Settings.catalogProperties(config), Settings.storageProperties(config), access(config), limits);
    }
}
