package dev.firn.gateway.kafka;

import dev.firn.schemas.AvroCodec;
import dev.firn.schemas.Decoded;
import java.util.function.BiConsumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Headers;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Decodes the records of a topic and hands each event to [Events] and to `then`.
public final class Live<E extends SpecificRecord> implements Follower.Reader {
    private static final Logger log = LoggerFactory.getLogger(Live.class);

    private final AvroCodec codec;
    private final Class<E> type;
    private final Events events;
    private final BiConsumer<E, Headers> then;

    /// @param then gets each event with the headers of its record
    public Live(AvroCodec codec, Class<E> type, Events events, BiConsumer<E, Headers> then) {
        this.codec = codec;
        this.type = type;
        this.events = events;
        this.then = then;
    }

    @Override
    public void read(ConsumerRecord<byte[], byte[]> record) {
        switch (codec.decode(type, record.value())) {
            case Decoded.Value<E>(var event) -> {
                then.accept(event, record.headers());
                events.arrived(event, record.serializedValueSize());
            }
            case Decoded.Undecodable<E>(var code, var reason) ->
                log.atDebug()
                        .addKeyValue("topic", record.topic())
                        .addKeyValue("code", code)
                        .addKeyValue("reason", reason)
                        .log("An event cannot be decoded");
        }
    }
}
