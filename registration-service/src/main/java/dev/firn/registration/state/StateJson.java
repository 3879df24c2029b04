package dev.firn.registration.state;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.DeserializationConfig;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleDeserializers;
import com.fasterxml.jackson.databind.module.SimpleModule;
import dev.firn.service.event.Frames;
import java.io.IOException;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.jspecify.annotations.Nullable;

/// Serdes of state and internal commands: JSON around events, which stay Avro, framed with the fingerprint of their
/// schema.
///
/// They do not need the schema registry. A field that was added later reads as absent, and an unknown one is skipped. A
/// console consumer can read them.
public final class StateJson {
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .addModule(events())
            .build();

    private StateJson() {}

    public static <T> Serde<T> serde(Class<T> type) {
        return Serdes.serdeFrom((topic, value) -> write(type, value), (topic, bytes) -> read(type, bytes));
    }

    @SuppressWarnings("NullAway") // Kafka's serializers map null to null
    private static <T> byte[] write(Class<T> type, T value) {
        if (value == null) {
            return null;
        }
        try {
            return MAPPER.writerFor(type).writeValueAsBytes(value);
        } catch (IOException e) {
            throw new SerializationException("cannot write " + type.getSimpleName(), e);
        }
    }

    @SuppressWarnings("NullAway") // Kafka's deserializers map null to null
    private static <T> T read(Class<T> type, byte[] bytes) {
        if (bytes == null) {
            return null;
        }
        try {
            return MAPPER.readValue(bytes, type);
        } catch (IOException e) {
            throw new SerializationException("cannot read " + type.getSimpleName(), e);
        }
    }

    private static SimpleModule events() {
        SimpleModule module = new SimpleModule("events");
        module.addSerializer(SpecificRecordBase.class, new JsonSerializer<>() {
            @Override
            public void serialize(SpecificRecordBase event, JsonGenerator json, SerializerProvider provider)
                    throws IOException {
                json.writeBinary(Frames.encode(event));
            }
        });
        module.setDeserializers(new SimpleDeserializers() {
            @Override
            public @Nullable JsonDeserializer<?> findBeanDeserializer(
                    JavaType type, DeserializationConfig config, BeanDescription description) {
                return SpecificRecordBase.class.isAssignableFrom(type.getRawClass())
                        ? new EventDeserializer<>(type.getRawClass().asSubclass(SpecificRecordBase.class))
                        : null;
            }
        });
        return module;
    }

    private static final class EventDeserializer<T extends SpecificRecordBase> extends JsonDeserializer<T> {
        private final Class<T> type;

        private EventDeserializer(Class<T> type) {
            this.type = type;
        }

        @Override
        public T deserialize(JsonParser json, DeserializationContext context) throws IOException {
            return Frames.decode(type, json.getBinaryValue());
        }
    }
}
