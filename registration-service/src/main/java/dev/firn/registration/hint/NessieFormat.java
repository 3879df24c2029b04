package dev.firn.registration.hint;

import com.fasterxml.jackson.databind.JsonNode;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/// Nessie's events as JSON. Each content that a commit changes has its own event; merges and
/// transplants are followed by those too. The branch takes the place of the catalog.
final class NessieFormat implements RecordFormat {
    private final SenderNames names;
    private final JsonValues json;

    NessieFormat(SenderNames names, JsonValues json) {
        this.names = names;
        this.json = json;
    }

    @Override
    public Reading read(Headers headers, byte @Nullable [] value) {
        return json.read(value, this::read);
    }

    private Reading read(JsonNode event) {
        String type = JsonValues.text(event, "type");
        return switch (type) {
            case null -> Reading.UNDECODABLE;
            case "CONTENT_STORED" ->
                "ICEBERG_TABLE".equals(JsonValues.text(event.path("content"), "type")) ? table(event) : Reading.IGNORED;
            case "CONTENT_REMOVED" -> table(event);
            default -> Reading.IGNORED;
        };
    }

    private Reading table(JsonNode event) {
        return names.table(
                JsonValues.text(event.path("reference"), "name"),
                event.path("contentKey").path("elements"));
    }
}
