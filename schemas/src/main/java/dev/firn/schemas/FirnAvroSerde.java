package dev.firn.schemas;

import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;

/// Both directions of one event. See [FirnAvroSerializer] and [FirnAvroDeserializer].
public final class FirnAvroSerde<T extends SpecificRecord> implements Serde<T> {
    private final FirnAvroSerializer<T> serializer;
    private final FirnAvroDeserializer<T> deserializer;

    /// Configured by the client's properties.
    public FirnAvroSerde(Class<T> event) {
        this.serializer = new FirnAvroSerializer<>();
        this.deserializer = new FirnAvroDeserializer<>(event);
    }

    /// Over a codec that the caller closes.
    public FirnAvroSerde(Class<T> event, AvroCodec codec) {
        this.serializer = new FirnAvroSerializer<>(codec);
        this.deserializer = new FirnAvroDeserializer<>(event, codec);
    }

    @Override
    public void configure(Map<String, ?> configs, boolean isKey) {
        serializer.configure(configs, isKey);
        deserializer.configure(configs, isKey);
    }

    @Override
    public Serializer<T> serializer() {
        return serializer;
    }

    @Override
    public Deserializer<T> deserializer() {
        return deserializer;
    }

    @Override
    public void close() {
        serializer.close();
        deserializer.close();
    }
}
