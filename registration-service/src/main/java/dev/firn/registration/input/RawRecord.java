package dev.firn.registration.input;

import dev.firn.registration.state.SavedHeader;
import dev.firn.schemas.FirnHeaders;
import dev.firn.schemas.Limits;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;

/// A record of an input topic as received, with its coordinates.
public record RawRecord(
        String topic,
        int partition,
        long offset,
        long timestamp,
        @Nullable ByteBuffer key,
        @Nullable ByteBuffer value,
        List<SavedHeader> headers) {
    public RawRecord {
        headers = List.copyOf(headers);
    }

    static RawRecord of(Record<byte @Nullable [], byte @Nullable []> record, RecordMetadata at) {
        return new RawRecord(
                at.topic(),
                at.partition(),
                at.offset(),
                record.timestamp(),
                record.key() == null ? null : ByteBuffer.wrap(record.key()),
                record.value() == null ? null : ByteBuffer.wrap(record.value()),
                SavedHeader.of(record.headers()));
    }

    /// The size of key, value and headers together.
    long bytes() {
        long bytes = (key == null ? 0 : key.remaining()) + (value == null ? 0L : value.remaining());
        for (SavedHeader header : headers) {
            bytes += header.key().length()
                    + (header.value() == null ? 0 : header.value().length());
        }
        return bytes;
    }

    /// A record that is too large to be written again, cut down to the beginnings of key and value and the headers that
    /// are passed on.
    RawRecord truncated() {
        Headers propagated = new RecordHeaders();
        FirnHeaders.copy(SavedHeader.restored(headers), propagated);
        return new RawRecord(
                topic,
                partition,
                offset,
                timestamp,
                truncated(key, Limits.HEADER_VALUE_BYTES),
                truncated(value, Limits.EVENT_BYTES),
                SavedHeader.of(propagated));
    }

    private static @Nullable ByteBuffer truncated(@Nullable ByteBuffer bytes, int limit) {
        return bytes == null ? null : bytes.slice(bytes.position(), Math.min(limit, bytes.remaining()));
    }

    byte @Nullable [] keyBytes() {
        return bytes(key);
    }

    byte @Nullable [] valueBytes() {
        return bytes(value);
    }

    /// The key as text; null if there is none. Malformed UTF-8 becomes replacement characters, which equal no name.
    @Nullable
    String keyText() {
        byte[] bytes = keyBytes();
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }

    private static byte @Nullable [] bytes(@Nullable ByteBuffer buffer) {
        if (buffer == null) {
            return null;
        }
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }
}
