package dev.firn.retrieval.answer;

import dev.firn.events.RetrievalProgress;
import dev.firn.schemas.AvroCodec;
import dev.firn.schemas.SchemaRegistryUnavailableException;
import dev.firn.service.event.EventDecoder;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.avro.specific.SpecificRecord;

/// Events from and to bytes. A schema registry that does not answer is a transient fault.
public final class Codecs {
    private final AvroCodec codec;

    public Codecs(AvroCodec codec) {
        this.codec = codec;
    }

    public <T extends SpecificRecord> EventDecoder<T> decoder(Class<T> event) {
        return bytes -> asked(() -> codec.decode(event, bytes));
    }

    public KafkaAnswers.Encoder encoder(String topic) {
        return result -> asked(() -> codec.encode(topic, result));
    }

    /// Progress may be lost, so what goes wrong here stays as it is.
    public Function<RetrievalProgress, byte[]> progressEncoder(String topic) {
        return event -> codec.encode(topic, event);
    }

    private static <T> T asked(Supplier<T> call) {
        try {
            return call.get();
        } catch (SchemaRegistryUnavailableException e) {
            throw new TransientFault("the schema registry does not answer: " + e.getMessage(), e);
        }
    }
}
