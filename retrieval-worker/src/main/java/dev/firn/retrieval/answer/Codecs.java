package dev.firn.retrieval.answer;

import dev.firn.schemas.AvroCodec;
import dev.firn.schemas.SchemaRegistryUnavailableException;
import org.apache.avro.specific.SpecificRecord;

/// Events from and to bytes, with a schema registry that does not answer as the transient fault it is.
public final class Codecs {
    private Codecs() {}

    public static <T extends SpecificRecord> EventDecoder<T> decoder(AvroCodec codec, Class<T> event) {
        return bytes -> {
            try {
                return codec.decode(event, bytes);
            } catch (SchemaRegistryUnavailableException e) {
                throw new TransientFault("the schema registry does not answer: " + e.getMessage(), e);
            }
        };
    }

    public static KafkaAnswers.Encoder encoder(AvroCodec codec, String topic) {
        return result -> {
            try {
                return codec.encode(topic, result);
            } catch (SchemaRegistryUnavailableException e) {
                throw new TransientFault("the schema registry does not answer: " + e.getMessage(), e);
            }
        };
    }
}
