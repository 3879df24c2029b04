package dev.firn.registration.state;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/// A record header as state stores it. `value` is its bytes as ISO-8859-1, which maps every byte to one character.
public record SavedHeader(String key, @Nullable String value) {
    public static List<SavedHeader> of(Headers headers) {
        List<SavedHeader> saved = new ArrayList<>();
        for (Header header : headers) {
            byte[] value = header.value();
            saved.add(new SavedHeader(
                    header.key(), value == null ? null : new String(value, StandardCharsets.ISO_8859_1)));
        }
        return List.copyOf(saved);
    }

    public static Headers restored(List<SavedHeader> saved) {
        Headers headers = new RecordHeaders();
        for (SavedHeader header : saved) {
            headers.add(
                    header.key(), header.value() == null ? null : header.value().getBytes(StandardCharsets.ISO_8859_1));
        }
        return headers;
    }
}
