package dev.firn.retrieval.registry;

import dev.firn.events.FeatureView;
import dev.firn.retrieval.answer.UndecodedView;
import dev.firn.retrieval.job.Views;
import dev.firn.schemas.Decoded;
import dev.firn.service.event.EventDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.RetriableException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The newest record of each view, decoded. A record that cannot be decoded is put aside under its key and tried again:
/// its view may have changed in any way, so requests for it must wait, and all others need not.
///
/// One thread applies records and retries; any thread may read.
final class DecodedViews {
    private static final Logger log = LoggerFactory.getLogger(DecodedViews.class);

    private final EventDecoder<FeatureView> decoder;
    private final Duration retryInterval;
    private final Clock clock;
    private final Map<String, FeatureView> views = new HashMap<>();
    private final Map<String, Aside> aside = new HashMap<>();
    private Instant nextRetry = Instant.MIN;

    /// A record that could not be decoded.
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Aside(byte[] value, String fault) {}

    /// @param retryInterval how often records that were put aside are tried again
    DecodedViews(EventDecoder<FeatureView> decoder, Duration retryInterval, Clock clock) {
        this.decoder = decoder;
        this.retryInterval = retryInterval;
        this.clock = clock;
    }

    void apply(ConsumerRecord<byte[], byte[]> record) {
        if (record.key() == null) {
            return;
        }
        String name = new String(record.key(), StandardCharsets.UTF_8);
        if (record.value() == null) {
            change(name, null, null);
            return;
        }
        String fault = faultOf(name, record.value());
        if (!fault.isEmpty()) {
            log.atError()
                    .addKeyValue("topic", record.topic())
                    .addKeyValue("partition", record.partition())
                    .addKeyValue("offset", record.offset())
                    .addKeyValue("featureView", name)
                    .addKeyValue("fault", fault)
                    .log("A record of the registry cannot be decoded; requests for its view wait");
        }
    }

    /// Tries what was put aside again, once per interval. Ends early if the schema registry is away.
    void retry() {
        Instant now = clock.instant();
        if (now.isBefore(nextRetry)) {
            return;
        }
        nextRetry = now.plus(retryInterval);
        try {
            putAside().forEach((name, record) -> decode(name, record.value()));
        } catch (RetriableException e) {
            log.atDebug().setCause(e).log("Records that were put aside still wait for the schema registry");
        }
    }

    /// Empty if the record is decoded.
    private String faultOf(String name, byte[] value) {
        try {
            return decode(name, value);
        } catch (RetriableException e) {
            String fault = String.valueOf(e.getMessage());
            change(name, null, new Aside(value, fault));
            return fault;
        }
    }

    private String decode(String name, byte[] value) {
        return switch (decoder.decode(value)) {
            case Decoded.Value<FeatureView>(FeatureView view) -> {
                change(name, view, null);
                yield "";
            }
            case Decoded.Undecodable<FeatureView> undecodable -> {
                String fault = undecodable.code() + ": " + undecodable.reason();
                change(name, null, new Aside(value, fault));
                yield fault;
            }
        };
    }

    private synchronized void change(String name, @Nullable FeatureView view, @Nullable Aside undecoded) {
        if (view == null) {
            views.remove(name);
        } else {
            views.put(name, view);
        }
        if (undecoded == null) {
            aside.remove(name);
        } else {
            aside.put(name, undecoded);
        }
    }

    private synchronized Map<String, Aside> putAside() {
        return Map.copyOf(aside);
    }

    synchronized int size() {
        return views.size();
    }

    /// The views whose records are put aside, each with the reason.
    synchronized Map<String, String> undecoded() {
        Map<String, String> faults = new TreeMap<>();
        aside.forEach((name, record) -> faults.put(name, record.fault()));
        return faults;
    }

    synchronized Views current() {
        return new Snapshot(Map.copyOf(views), undecoded());
    }

    private record Snapshot(Map<String, FeatureView> decoded, Map<String, String> undecoded) implements Views {
        @Override
        public Optional<FeatureView> find(String name) {
            String fault = undecoded.get(name);
            if (fault != null) {
                throw new UndecodedView(name, fault);
            }
            return Optional.ofNullable(decoded.get(name));
        }

        @Override
        public Collection<String> names() {
            return decoded.keySet();
        }
    }
}
