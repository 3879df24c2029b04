package dev.firn.registration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.schemas.Topic;
import dev.firn.service.event.Frames;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.apache.avro.specific.SpecificRecordBase;

/// Reads a topic of framed events from its beginning, and keeps the latest of each key.
final class FrameReader<E extends SpecificRecordBase> {
    private final RealRegistry.Reader<byte[]> reader;
    private final Class<E> type;
    final Map<String, E> latest = new HashMap<>();

    FrameReader(RealRegistry registry, Topic topic, Class<E> type) {
        this.reader = registry.rawReader(topic);
        this.type = type;
    }

    void poll() {
        reader.next(Duration.ofMillis(5))
                .forEach(record -> latest.put(record.key(), Frames.decode(type, record.value())));
    }

    void readAll() {
        int before;
        do {
            before = latest.size();
            reader.next(Duration.ofMillis(500))
                    .forEach(record -> latest.put(record.key(), Frames.decode(type, record.value())));
        } while (latest.size() > before);
    }

    void await(BooleanSupplier wanted, Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!wanted.getAsBoolean()) {
            assertThat(System.nanoTime()).as("got %d", latest.size()).isLessThan(deadline);
            poll();
        }
    }
}
