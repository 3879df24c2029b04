package dev.firn.schemas;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.firn.events.RetrievalResult;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/// The fingerprint of what a request asks for: SHA-256, hexadecimal, over a canonical form of the record.
///
/// In this form, a record is its fields sorted by name, each as name and value, without those that equal their
/// defaults; a map is its entries sorted by key; every value starts with a tag of its type, every text and collection
/// with its length, so no two values share a form. The digest therefore depends neither on the encoding, nor on the
/// order of fields in a schema, nor on fields added later: a request of an older schema keeps its digest forever.
///
/// `request_id` of the three requests is left out: the digest says *what* is asked, the id *which* request it is, and
/// results have both. So are `deadline`, which only says how long the answer is of use, and `previous_run`, which only
/// says how to get the same rows faster: a worker that does not know the field answers with the same digest.
public final class RequestDigest {
    private static final Set<String> REQUESTS = Set.of(
            "dev.firn.events.RegistrationRequest",
            "dev.firn.events.RetrievalRequest",
            "dev.firn.events.StandingRequest");
    private static final String RETRIEVAL = "dev.firn.events.RetrievalRequest";
    private static final Set<String> NOT_ASKED = Set.of("deadline", "previous_run");

    private record DigestedField(
            String name,
            int position,
            Schema schema,
            @Nullable Object defaultValue,
            boolean hasDefault) {}

    private static final Map<Schema, List<DigestedField>> FIELDS = new ConcurrentHashMap<>();

    private final MessageDigest sha256;
    private final ByteBuffer buffer = ByteBuffer.allocate(8 * 1024);

    private RequestDigest() {
        try {
            sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /// The fingerprint of `record`: 64 hexadecimal digits.
    public static String of(SpecificRecord record) {
        var digest = new RequestDigest();
        digest.value(record.getSchema(), record);
        digest.flush();
        return HexFormat.of().formatHex(digest.sha256.digest());
    }

    /// Whether the result answers the request with its id and this digest. A cancelled id has one answer for all
    /// requests that bear it.
    public static boolean isAnsweredBy(String digest, RetrievalResult result) {
        return result.getRequestDigest().equals(digest) || isOfCancelledId(result);
    }

    /// Whether the result says that its id was cancelled, for every request with that id.
    public static boolean isOfCancelledId(RetrievalResult result) {
        return result.getRequestDigest().isEmpty() && result.getCode().equals(Code.CANCELLED.name());
    }

    private void value(Schema schema, @Nullable Object value) {
        switch (value) {
            case null -> tag('n');
            case SpecificRecord record -> record(record);
            case CharSequence text -> {
                tag('s');
                text(text.toString().getBytes(UTF_8));
            }
            case Instant instant -> number(Micros.of(instant));
            case Long number -> number(number);
            case Integer number -> number(number);
            case Boolean flag -> tag(flag ? 't' : 'f');
            case Enum<?> symbol -> {
                tag('e');
                text(symbol.toString().getBytes(UTF_8));
            }
            case Collection<?> items -> {
                tag('a');
                count(items.size());
                Schema itemSchema = branch(schema, Schema.Type.ARRAY).getElementType();
                items.forEach(item -> value(itemSchema, item));
            }
            case Map<?, ?> map -> map(branch(schema, Schema.Type.MAP).getValueType(), map);
            default ->
                throw new IllegalArgumentException("[" + schema.getFullName() + "] cannot digest a value of "
                        + value.getClass().getName());
        }
    }

    private void record(SpecificRecord record) {
        tag('r');
        for (DigestedField field : FIELDS.computeIfAbsent(record.getSchema(), RequestDigest::fields)) {
            Object value = record.get(field.position());
            if (!field.hasDefault() || !Objects.equals(value, field.defaultValue())) {
                tag('.');
                text(field.name().getBytes(UTF_8));
                value(field.schema(), value);
            }
        }
        tag(';');
    }

    private void map(Schema valueSchema, Map<?, ?> map) {
        var sorted = new TreeMap<String, @Nullable Object>();
        map.forEach((key, value) -> sorted.put(key.toString(), value));
        tag('m');
        count(sorted.size());
        sorted.forEach((key, value) -> {
            text(key.getBytes(UTF_8));
            value(valueSchema, value);
        });
    }

    private static List<DigestedField> fields(Schema schema) {
        return schema.getFields().stream()
                .filter(field -> isDigested(schema.getFullName(), field.name()))
                .sorted(Comparator.comparing(Schema.Field::name))
                .map(field -> new DigestedField(
                        field.name(),
                        field.pos(),
                        field.schema(),
                        field.hasDefaultValue() ? EventModel.INSTANCE.getDefaultValue(field) : null,
                        field.hasDefaultValue()))
                .toList();
    }

    private static boolean isDigested(String record, String field) {
        return !(REQUESTS.contains(record) && field.equals("request_id"))
                && !(record.equals(RETRIEVAL) && NOT_ASKED.contains(field));
    }

    private static Schema branch(Schema schema, Schema.Type type) {
        return schema.getType() == type
                ? schema
                : schema.getTypes().stream()
                        .filter(branch -> branch.getType() == type)
                        .findFirst()
                        .orElseThrow();
    }

    private void tag(char tag) {
        buffer(1).put((byte) tag);
    }

    private void number(long number) {
        buffer(1 + Long.BYTES).put((byte) 'i').putLong(number);
    }

    private void count(int count) {
        buffer(Integer.BYTES).putInt(count);
    }

    private void text(byte[] utf8) {
        count(utf8.length);
        if (utf8.length > buffer.remaining()) {
            flush();
            sha256.update(utf8);
        } else {
            buffer.put(utf8);
        }
    }

    /// The buffer, with at least `bytes` free.
    private ByteBuffer buffer(int bytes) {
        if (buffer.remaining() < bytes) {
            flush();
        }
        return buffer;
    }

    private void flush() {
        sha256.update(buffer.flip());
        buffer.clear();
    }
}
