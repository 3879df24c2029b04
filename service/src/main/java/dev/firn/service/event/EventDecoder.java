package dev.firn.service.event;

import dev.firn.schemas.AvroCodec;
import dev.firn.schemas.Decoded;
import dev.firn.schemas.FirnHeaders;
import dev.firn.schemas.UndecodableCode;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/// Reads events of one type from the values of a topic. Bounded in time.
@FunctionalInterface
public interface EventDecoder<E> {
    /// @param value null for a tombstone
    /// @throws org.apache.kafka.common.errors.RetriableException if the schema registry is away: without it,
    ///     good and bad bytes cannot be told apart
    Decoded<E> decode(byte @Nullable [] value);

    /// Decodes the value of a record. If its schema id is in a header, as Confluent's header serializer writes it,
    /// bytes that are no event are refused with the name of that header.
    default Decoded<E> decode(Headers headers, byte @Nullable [] value) {
        Decoded<E> decoded = decode(value);
        return switch (decoded) {
            case Decoded.Value<E> event -> event;
            case Decoded.Undecodable<E> bytes ->
                value == null || headers.lastHeader(FirnHeaders.VALUE_SCHEMA_ID) == null
                        ? bytes
                        : new Decoded.Undecodable<>(
                                UndecodableCode.SCHEMA_ID_IN_HEADER,
                                "the schema id is in the header %s, but Firn reads it in front of the value (%s)"
                                        .formatted(FirnHeaders.VALUE_SCHEMA_ID, bytes.reason()));
        };
    }

    /// Decodes with the codec.
    static <E extends SpecificRecord> EventDecoder<E> of(AvroCodec codec, Class<E> event) {
        return value -> codec.decode(event, value);
    }
}
