package dev.firn.registration.async;

import dev.firn.registration.meter.RegistryMeters;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.KeyValueStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How far an input has been applied, so that a record is applied once even if it is read again.
///
/// Kafka Streams reads a record again when the group's offsets are lost: the broker forgets those of a service
/// that is down for a week. Requests are not idempotent in bulk, since only a view's last answers are kept: read
/// again, an early definition would replace the last one.
///
/// For each partition a store keeps the offset of the last record that was applied and the latest time of any. A record
/// with a higher offset is new. So is one with a lower offset and a later time: the topic was made again and begins at
/// offset 0, or a new leader lost the end of the partition. A record that is neither is a **replay**. From a record
/// that goes back in offset, offsets count anew, since many records may have its time.
///
/// The position is part of the transaction that applies the record.
final class InputPosition {
    private static final Logger LOG = LoggerFactory.getLogger(InputPosition.class);

    private final KeyValueStore<Integer, AppliedUpTo> store;
    private final RegistryMeters meters;
    private boolean isReplaying;

    InputPosition(KeyValueStore<Integer, AppliedUpTo> store, RegistryMeters meters) {
        this.store = store;
        this.meters = meters;
    }

    /// Moves to the record.
    ///
    /// @return false if the record is a replay, which must not be applied
    boolean advanceTo(RecordMetadata record, long timestampMillis) {
        AppliedUpTo before = store.get(record.partition());
        if (before == null) {
            store.put(record.partition(), new AppliedUpTo(record.offset(), timestampMillis));
            return true;
        }
        if (record.offset() <= before.offset() && timestampMillis <= before.timestampMillis()) {
            meters.replayed(record.topic());
            if (!isReplaying) { // once per replay, which may be long
                LOG.atWarn()
                        .addKeyValue("topic", record.topic())
                        .addKeyValue("partition", record.partition())
                        .addKeyValue("offset", record.offset())
                        .addKeyValue("appliedUpTo", before.offset())
                        .log("records are read again that were applied before; they are dropped");
            }
            isReplaying = true;
            return false;
        }
        isReplaying = false;
        store.put(
                record.partition(),
                new AppliedUpTo(record.offset(), Math.max(timestampMillis, before.timestampMillis())));
        return true;
    }
}
