package dev.firn.service;

import dev.firn.config.FirnConfig;
import dev.firn.config.InvalidConfigException;
import dev.firn.config.Settings;
import dev.firn.lake.Access;
import dev.firn.lake.OwnLocations;
import dev.firn.lake.Reason;
import dev.firn.lake.catalog.CatalogLimits;
import dev.firn.lake.catalog.Catalogs;
import dev.firn.lake.columns.ColumnCache;
import dev.firn.lake.storage.GuardedStorage;
import dev.firn.lake.storage.Storage;
import dev.firn.service.spine.StoredRows;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Opens the lake as the settings describe it.
public final class CatalogFactory {
    private CatalogFactory() {}

    /// The catalogs and the store of a deployment, within its guard rails. The caller closes them.
    ///
    /// @param metrics gets the calls in progress of each catalog
    public static Catalogs open(FirnConfig config, MeterRegistry metrics) {
        return counted(open(config), metrics);
    }

    /// Like [#open(FirnConfig, MeterRegistry)], with memory to keep metadata of tables, and a folder to keep columns if
    /// the settings name one.
    public static Catalogs open(FirnConfig config, MeterRegistry metrics, long metadataBytes, InstantSource clock) {
        ColumnCache columns = columns(config.cache(), clock);
        Catalogs catalogs;
        try {
            catalogs = counted(open(config, limits(config).withMetadataBytes(metadataBytes), columns), metrics);
        } catch (RuntimeException e) {
            if (columns != null) {
                columns.close();
            }
            throw e;
        }
        CacheMeters.register(catalogs.metadata(), metrics);
        if (columns != null) {
            CacheMeters.register(columns, metrics);
        }
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

    private static @Nullable ColumnCache columns(FirnConfig.Cache settings, InstantSource clock) {
        Path folder = settings.folder().orElse(null);
        if (folder == null) {
            return null;
        }
        try {
            return ColumnCache.open(folder, settings.bytes(), clock);
        } catch (UncheckedIOException e) {
            String reason =
                    switch (e.getCause()) {
                        case FileAlreadyExistsException _ -> "it is not a folder";
                        case AccessDeniedException _ -> "access is denied";
                        case FileSystemException other when other.getReason() != null -> other.getReason();
                        default -> Reason.of(e);
                    };
            throw InvalidConfigException.of("firn.cache.folder", "%s cannot be used: %s".formatted(folder, reason));
        }
    }

    /// Like [#open(FirnConfig, MeterRegistry)], without metrics.
    public static Catalogs open(FirnConfig config) {
        return open(config, limits(config), null);
    }

    private static CatalogLimits limits(FirnConfig config) {
        return new CatalogLimits(
                config.catalogTimeout(), config.catalogCalls(), config.refresh().comparisonMemoryBytes());
    }

    private static Catalogs open(FirnConfig config, CatalogLimits limits, @Nullable ColumnCache columns) {
        return Catalogs.of(
                Settings.catalogProperties(config),
                Settings.storageProperties(config),
                access(config),
                limits,
                columns);
    }
}
