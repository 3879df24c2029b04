package dev.firn.registration.hint;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/// Event notifications of S3: `Records`, each with a bucket and a key, which is encoded as in a form. AWS,
/// MinIO and others agree on that. Only metadata files that were created are hints.
final class S3Format implements RecordFormat {
    /// What a store takes as a key and as the name of a bucket, in bytes.
    private static final int MAX_KEY = 1024;

    private static final int MAX_BUCKET = 255;

    private final JsonValues json;

    S3Format(JsonValues json) {
        this.json = json;
    }

    @Override
    public Reading read(Headers headers, byte @Nullable [] value) {
        return json.read(value, S3Format::read);
    }

    private static Reading read(JsonNode notification) {
        JsonNode records = notification.path("Records");
        if (!records.isArray()) {
            boolean isTest = "s3:TestEvent".equals(JsonValues.text(notification, "Event"));
            return isTest ? Reading.IGNORED : Reading.UNDECODABLE;
        }
        Set<Hint> hints = new HashSet<>();
        for (JsonNode event : records) {
            String name = JsonValues.text(event, "eventName");
            String bucket = JsonValues.text(event.path("s3").path("bucket"), "name");
            String key = JsonValues.text(event.path("s3").path("object"), "key");
            if (name == null || bucket == null || key == null) {
                return Reading.UNDECODABLE;
            }
            if (isCreation(name) && key.contains(".metadata.json")) {
                try {
                    String decoded = URLDecoder.decode(key, StandardCharsets.UTF_8);
                    if (isWithin(bucket, MAX_BUCKET) && isWithin(decoded, MAX_KEY)) {
                        hints.add(Hint.Written.at("s3://" + bucket + "/" + decoded));
                    }
                } catch (IllegalArgumentException e) { // an incomplete escape
                    return Reading.UNDECODABLE;
                }
            }
        }
        return Reading.of(hints);
    }

    private static boolean isWithin(String name, int bytes) {
        return name.length() <= bytes && name.getBytes(StandardCharsets.UTF_8).length <= bytes;
    }

    /// AWS writes `ObjectCreated:Put`, MinIO `s3:ObjectCreated:Put`.
    private static boolean isCreation(String eventName) {
        return eventName.startsWith("ObjectCreated:") || eventName.startsWith("s3:ObjectCreated:");
    }
}
