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
                .description("memory of cached table metadata")
                .register(metrics);
        FunctionCounter.builder("firn.cache.metadata.hits", kept, MetadataCache::hits)
                .description("metadata found in the cache")
                .register(metrics);
        FunctionCounter.builder("firn.cache.metadata.misses", kept, MetadataCache::misses)
                .description("metadata read from the store")
                .register(metrics);
        FunctionCounter.builder("firn.cache.metadata.evictions", kept, MetadataCache::evictions)
                .description("metadata dropped for lack of memory")
                .register(metrics);
    }

    static void register(ColumnCache kept, MeterRegistry metrics) {
        Gauge.builder("firn.cache.columns.bytes", kept, ColumnCache::bytes)
                .description("disk used by cached columns")
                .register(metrics);
        Gauge.builder("firn.cache.columns.entries", kept, ColumnCache::entries)
                .description("cached column chunks")
                .register(metrics);
        FunctionCounter.builder("firn.cache.columns.hits", kept, ColumnCache::hits)
                .description("column chunks found in the cache")
                .register(metrics);
        FunctionCounter.builder("firn.cache.columns.misses", kept, ColumnCache::misses)
                .description("column chunks read from the store")
                .register(metrics);
        FunctionCounter.builder("firn.cache.columns.evictions", kept, ColumnCache::evictions)
                .description("column chunks deleted to make room")
                .register(metrics);
        FunctionCounter.builder("firn.cache.columns.failures", kept, ColumnCache::writeFailures)
                .description("failed writes; each turns writing off for ten minutes")
                .register(metrics);
        FunctionCounter.builder("firn.cache.columns.damaged", kept, ColumnCache::damaged)
                .description("damaged column chunks that were deleted")
                .register(metrics);
    }
}
