package dev.firn.service.event;

import dev.firn.schemas.FramedAvro;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.specific.SpecificRecord;

/// Events as state and internal commands store them: framed with the fingerprint of their schema, one codec per type.
public final class Frames {
    private static final Map<Class<?>, FramedAvro<?>> CODECS = new ConcurrentHashMap<>();

    private Frames() {}

    public static byte[] encode(SpecificRecord event) {
        return encoded(event.getClass(), event);
    }

    public static <T extends SpecificRecord> T decode(Class<T> type, byte[] frame) {
        return codec(type).decode(frame);
    }

    private static <T extends SpecificRecord> byte[] encoded(Class<T> type, SpecificRecord event) {
        return codec(type).encode(type.cast(event));
    }

    @SuppressWarnings("unchecked") // each type is mapped to its own codec
    private static <T extends SpecificRecord> FramedAvro<T> codec(Class<T> type) {
        return (FramedAvro<T>) CODECS.computeIfAbsent(type, key -> FramedAvro.of(type));
    }
}
