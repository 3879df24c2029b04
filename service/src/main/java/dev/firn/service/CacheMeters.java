package dev.firn.service;

import dev.firn.lake.columns.ColumnCache;
import dev.firn.lake.storage.MetadataCache;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;

/// What a worker keeps of tables' files, and how often that helps.
final class CacheMeters {
    private CacheMeters() {}

    static void register(MetadataCache kept, MeterRegistry metrics) {
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
    }

    static void register(ColumnCache kept, MeterRegistry metrics) {
        Gauge.builder("firn.cache.columns.bytes", kept, ColumnCache::bytes)
                .description("disk of the columns that are kept")
                .register(metrics);
        Gauge.builder("firn.cache.columns.entries", kept, ColumnCache::entries)
                .description("column chunks that are kept")
                .register(metrics);
        FunctionCounter.builder("firn.cache.columns.hits", kept, ColumnCache::hits)
                .description("column chunks that were not unpacked again")
                .register(metrics);
        FunctionCounter.builder("firn.cache.columns.misses", kept, ColumnCache::misses)
                .description("column chunks that had to be read")
                .register(metrics);
        FunctionCounter.builder("firn.cache.columns.evictions", kept, ColumnCache::evictions)
                .description("column chunks that made room for others")
                .register(metrics);
        FunctionCounter.builder("firn.cache.columns.failures", kept, ColumnCache::writeFailures)
                .description("writes that failed; each turns writing off for ten minutes")
                .register(metrics);
        FunctionCounter.builder("firn.cache.columns.damaged", kept, ColumnCache::damaged)
                .description("column chunks that were found damaged and deleted")
                .register(metrics);
    }
}
