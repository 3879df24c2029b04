package dev.firn.schemas;

import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/// Reads events in Confluent's wire format; replaces Confluent's `KafkaAvroDeserializer` and takes the same properties.
/// Throws [SchemaRegistryUnavailableException] (try again) or [NotAvroException] (never again). Null stays null.
public final class FirnAvroDeserializer<T extends SpecificRecord> implements Deserializer<T> {
    private static final String VALUE_TYPE = "specific.avro.value.type";

    private @Nullable Class<T> event;
    private @Nullable AvroCodec codec;
    private boolean ownsCodec;

    /// For a consumer's properties, with the event's class in `specific.avro.value.type`.
    public FirnAvroDeserializer() {}

    /// Reads `event`; configured by the consumer's properties.
    public FirnAvroDeserializer(Class<T> event) {
        this.event = event;
    }

    /// Reads `event` with a codec that the caller closes.
    public FirnAvroDeserializer(Class<T> event, AvroCodec codec) {
        this.event = event;
        this.codec = codec;
    }

    @Override
    public void configure(Map<String, ?> configs, boolean isKey) {
        if (event == null) {
            event = valueType(configs);
        }
        if (codec == null) {
            codec = AvroCodec.of(configs);
            ownsCodec = true;
        }
    }

    @Override
    public @Nullable T deserialize(String topic, byte @Nullable [] bytes) {
        if (codec == null || event == null) {
            throw new IllegalStateException("[" + topic + "] configure the deserializer first");
        }
        if (bytes == null) {
            return null;
        }
        return switch (codec.decode(event, bytes)) {
            case Decoded.Value<T>(T value) -> value;
            case Decoded.Undecodable<T> finding -> throw new NotAvroException(topic, finding);
        };
    }

    /// As safe as a deserializer named in properties can be: the consumer's type parameter is not checked either.
    @SuppressWarnings("unchecked")
    private static <T extends SpecificRecord> Class<T> valueType(Map<String, ?> configs) {
        Object value = configs.get(VALUE_TYPE);
        try {
            Class<?> type = value instanceof Class<?> given ? given : Class.forName(String.valueOf(value));
            if (SpecificRecord.class.isAssignableFrom(type)) {
                return (Class<T>) type;
            }
        } catch (ClassNotFoundException e) {
            // reported below
        }
        throw new ConfigException(VALUE_TYPE, value, "expected the name of a generated event class");
    }

    @Override
    public void close() {
        if (ownsCodec && codec != null) {
            codec.close();
        }
    }
}
