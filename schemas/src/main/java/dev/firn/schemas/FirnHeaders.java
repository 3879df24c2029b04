package dev.firn.schemas;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Optional;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/// Names of record headers, and which of them are copied from a request to its answer.
public final class FirnHeaders {
    /// Prefix of Firn's own headers, and of those that a producer wants to see again on the answer.
    private static final String PREFIX = "firn-";

    /// The request that a record belongs to.
    public static final String REQUEST_ID = "firn-request-id";

    /// The standing retrieval that a record belongs to.
    public static final String STANDING_ID = "firn-standing-id";

    /// Who asked for it through the gateway, for people and for the manifest. Whoever may produce can set it to
    /// anything: it grants nothing.
    public static final String PRINCIPAL = "firn-principal";

    /// A producer's own id, copied to the answer.
    private static final String CORRELATION_ID = "correlation-id";

    /// W3C trace context, copied to the answer.
    private static final String TRACEPARENT = "traceparent";

    /// Where Confluent's HeaderSchemaIdSerializer puts the id of a value's schema.
    public static final String VALUE_SCHEMA_ID = "__value_schema_id";

    /// Prefix of headers that only dead letters have.
    static final String DEAD_LETTER_PREFIX = "firn-dead-letter-";

    private FirnHeaders() {}

    /// Copies headers from a request to its answer: `firn-*`, `correlation-id` and `traceparent`, the last value of
    /// each. Headers beyond the bounds of [Limits] and coordinates of dead letters are left out. A header that `to`
    /// already has is kept.
    public static void copy(Headers from, Headers to) {
        var copied = new LinkedHashMap<String, Header>();
        for (Header header : from) {
            if (isCopied(header.key())) {
                copied.put(header.key(), header);
            }
        }
        int count = 0;
        int bytes = 0;
        for (Header header : copied.values()) {
            int size = header.key().length() + (header.value() == null ? 0 : header.value().length);
            boolean fits = header.value() != null
                    && header.key().length() <= Limits.HEADER_NAME_LENGTH
                    && header.value().length <= Limits.HEADER_VALUE_BYTES
                    && bytes + size <= Limits.COPIED_HEADERS_BYTES
                    && count < Limits.COPIED_HEADERS;
            if (fits && to.lastHeader(header.key()) == null) {
                to.add(header.key(), header.value());
                bytes += size;
                count++;
            }
        }
    }

    /// Sets a header to one text; removes all values it had.
    public static void set(Headers headers, String name, String value) {
        headers.remove(name);
        headers.add(name, value.getBytes(UTF_8));
    }

    /// The last value of a header, as text.
    public static Optional<String> text(Headers headers, String name) {
        Header header = headers.lastHeader(name);
        return header == null || header.value() == null
                ? Optional.empty()
                : Optional.of(new String(header.value(), UTF_8));
    }

    private static boolean isCopied(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return (lower.startsWith(PREFIX) && !lower.startsWith(DEAD_LETTER_PREFIX))
                || lower.equals(CORRELATION_ID)
                || lower.equals(TRACEPARENT);
    }
}
