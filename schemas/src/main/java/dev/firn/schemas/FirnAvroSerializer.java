package dev.firn.schemas;

import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/// Writes events in Confluent's wire format; replaces Confluent's `KafkaAvroSerializer` and takes the same properties.
/// Throws what [SerdeFailure] lists. Null stays null, a tombstone.
public final class FirnAvroSerializer<T extends SpecificRecord> implements Serializer<T> {
    private @Nullable AvroCodec codec;
    private boolean ownsCodec;
    private String subjectSuffix = "-value";

    /// For a producer's properties.
    public FirnAvroSerializer() {}

    /// Writes with a codec that the caller closes.
    public FirnAvroSerializer(AvroCodec codec) {
        this.codec = codec;
    }

    @Override
    public void configure(Map<String, ?> configs, boolean isKey) {
        subjectSuffix = isKey ? "-key" : "-value";
        if (codec == null) {
            codec = AvroCodec.of(configs);
            ownsCodec = true;
        }
    }

    @Override
    public byte @Nullable [] serialize(String topic, @Nullable T event) {
        if (codec == null) {
            throw new IllegalStateException("[" + topic + "] configure the serializer first");
        }
        return event == null ? null : codec.encodeFor(topic + subjectSuffix, event);
    }

    @Override
    public void close() {
        if (ownsCodec && codec != null) {
            codec.close();
        }
    }
}
