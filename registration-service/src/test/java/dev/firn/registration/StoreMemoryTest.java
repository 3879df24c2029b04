package dev.firn.registration;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// All RocksDB stores of a service share one budget.
final class StoreMemoryTest {
    private static final int STORES = 54; // nine stores of six partitions
    private static final int VALUE_BYTES = 64 * 1024;
    private static final long BUDGET = 16L * 1024 * 1024;

    @Test
    void isSharedByAllStores(@TempDir Path folder) {
        try (StoreMemory memory = new StoreMemory(BUDGET)) {
            Properties properties = new Properties();
            properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "memory");
            properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "none:1");
            properties.put(StreamsConfig.STATE_DIR_CONFIG, folder.toString());
            properties.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, StoreMemory.Setter.class);
            properties.put(StoreMemory.PROPERTY, memory);
            try (TopologyTestDriver driver = new TopologyTestDriver(topology(), properties)) {
                assertThat(memory.stores()).isEqualTo(STORES);
                List<KeyValueStore<String, byte[]>> stores = new ArrayList<>();
                for (int i = 0; i < STORES; i++) {
                    stores.add(driver.getKeyValueStore("store" + i));
                }
                byte[] value = new byte[VALUE_BYTES];
                for (int round = 0; round < 30; round++) { // 100 MB in all; each store would keep its 2 MB in memory
                    for (KeyValueStore<String, byte[]> store : stores) {
                        store.put("key" + round, value);
                    }
                }
                stores.forEach(store -> store.get("key0"));

                // what the stores themselves count: alone, each would keep all that was written, and a cache of 50 MB
                assertThat(metrics(driver, "size-all-mem-tables")).hasSize(STORES);
                assertThat(metrics(driver, "size-all-mem-tables").stream()
                                .mapToLong(Long::longValue)
                                .sum())
                        .isLessThan(BUDGET);
                assertThat(metrics(driver, "block-cache-capacity"))
                        .hasSize(STORES)
                        .containsOnly(BUDGET);
                assertThat(memory.usedBytes()).isPositive().isLessThan(2 * BUDGET);
                assertThat(stores.getFirst().get("key29")).hasSize(VALUE_BYTES);
            }
        }
    }

    /// A metric of each store.
    private static List<Long> metrics(TopologyTestDriver driver, String name) {
        return driver.metrics().entrySet().stream()
                .filter(metric -> metric.getKey().name().equals(name))
                .map(metric -> ((Number) metric.getValue().metricValue()).longValue())
                .toList();
    }

    private static final class Idle implements Processor<byte[], byte[], Void, Void> {
        @Override
        public void process(Record<byte[], byte[]> record) {}
    }

    private static Topology topology() {
        Topology topology = new Topology();
        topology.addSource("in", new ByteArrayDeserializer(), new ByteArrayDeserializer(), "in");
        topology.addProcessor("idle", Idle::new, "in");
        for (int i = 0; i < STORES; i++) {
            topology.addStateStore(
                    Stores.keyValueStoreBuilder(
                            Stores.persistentKeyValueStore("store" + i), Serdes.String(), Serdes.ByteArray()),
                    "idle");
        }
        return topology;
    }
}
