package dev.firn.registration;

import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Cache;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.WriteBufferManager;

/// The memory that all RocksDB stores of a service share. Each store alone would take 50 MB to read and 48 MB to write.
///
/// Half of it is for memtables, which the manager charges to the cache; a store over it is flushed. Indexes and Bloom
/// filters are in the cache as well, so nothing of a store lies outside of the budget but a few buffers.
final class StoreMemory implements AutoCloseable {
    /// The property under which the stores find it.
    static final String PROPERTY = "firn.state.memory";

    /// Small memtables, so that many stores share the budget.
    private static final long MEMTABLE_BYTES = 2L * 1024 * 1024;

    private final Cache cache;
    private final WriteBufferManager memtables;
    private final AtomicInteger stores = new AtomicInteger();

    StoreMemory(long bytes) {
        RocksDB.loadLibrary();
        cache = new LRUCache(bytes);
        memtables = new WriteBufferManager(bytes / 2, cache);
    }

    /// Bytes of memtables, blocks, indexes and filters of all stores.
    long usedBytes() {
        return cache.getUsage();
    }

    /// Stores that were opened with it so far.
    int stores() {
        return stores.get();
    }

    private void share(Options options) {
        BlockBasedTableConfig table = (BlockBasedTableConfig) options.tableFormatConfig();
        table.setBlockCache(cache);
        table.setCacheIndexAndFilterBlocks(true);
        table.setCacheIndexAndFilterBlocksWithHighPriority(true);
        options.setTableFormatConfig(table);
        options.setWriteBufferManager(memtables);
        options.setWriteBufferSize(MEMTABLE_BYTES);
        stores.incrementAndGet();
    }

    /// Call once all stores are closed.
    @Override
    public void close() {
        memtables.close();
        cache.close();
    }

    /// Kafka Streams makes one for each store.
    public static final class Setter implements RocksDBConfigSetter {
        @Override
        public void setConfig(String store, Options options, Map<String, Object> configs) {
            if (configs.get(PROPERTY) instanceof StoreMemory memory) {
                memory.share(options);
            } else {
                throw new IllegalStateException("[%s] must be set".formatted(PROPERTY));
            }
        }

        @Override
        public void close(String store, Options options) {
            // the memory belongs to all stores
        }
    }
}
