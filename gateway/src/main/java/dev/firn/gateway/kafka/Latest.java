package dev.firn.gateway.kafka;

import dev.firn.schemas.AvroCodec;
import dev.firn.schemas.Decoded;
import dev.firn.schemas.FirnHeaders;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The current record of each key of a compacted topic. Thread-safe.
public final class Latest<E extends SpecificRecord> implements Follower.Reader {
    private static final Logger log = LoggerFactory.getLogger(Latest.class);

    private final AvroCodec codec;
    private final Class<E> type;
    private final ConcurrentSkipListMap<String, Kept<E>> records = new ConcurrentSkipListMap<>();
    /// Keys whose newest record cannot be decoded.
    private final Set<String> undecoded = ConcurrentHashMap.newKeySet();

    /// A record.
    ///
    /// @param principal who asked for it, as its header says; empty if it says nothing
    public record Kept<E>(E event, String principal) {}

    public Latest(AvroCodec codec, Class<E> type) {
        this.codec = codec;
        this.type = type;
    }

    @Override
    public void read(ConsumerRecord<byte[], byte[]> record) {
        if (record.key() == null) {
            return;
        }
        String key = new String(record.key(), StandardCharsets.UTF_8);
        if (record.value() == null) {
            records.remove(key);
            undecoded.remove(key);
            return;
        }
        switch (codec.decode(type, record.value())) {
            case Decoded.Value<E>(var event) -> {
                String principal = FirnHeaders.text(record.headers(), FirnHeaders.PRINCIPAL)
                        .orElse("");
                records.put(key, new Kept<>(event, principal));
                undecoded.remove(key);
            }
            case Decoded.Undecodable<E>(var code, var reason) -> {
                undecoded.add(key);
                log.atWarn()
                        .addKeyValue("topic", record.topic())
                        .addKeyValue("partition", record.partition())
                        .addKeyValue("offset", record.offset())
                        .addKeyValue("code", code)
                        .addKeyValue("reason", reason)
                        .log("A record cannot be decoded; the one before it is shown");
            }
        }
    }

    public Optional<Kept<E>> get(String key) {
        return Optional.ofNullable(records.get(key));
    }

    /// Whether each key has its newest record.
    public boolean isComplete() {
        return undecoded.isEmpty();
    }

    /// All records, sorted by key.
    public List<Kept<E>> all() {
        return List.copyOf(records.values());
    }
}
