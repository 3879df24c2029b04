package dev.firn.registration.hint;

import com.fasterxml.jackson.databind.JsonNode;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/// Events of Polaris's listener for Kafka, as JSON.
final class PolarisFormat implements RecordFormat {
    private final SenderNames names;
    private final JsonValues json;

    PolarisFormat(SenderNames names, JsonValues json) {
        this.names = names;
        this.json = json;
    }

    @Override
    public Reading read(Headers headers, byte @Nullable [] value) {
        return json.read(value, this::read);
    }

    /// Events of tables that were loaded or refreshed are no hints: Firn's own looks cause them.
    private Reading read(JsonNode event) {
        String type = JsonValues.text(event, "event_type");
        String catalog = JsonValues.text(event, "catalog_name");
        return switch (type) {
            case null -> Reading.UNDECODABLE;
            case "AFTER_UPDATE_TABLE", "AFTER_CREATE_TABLE", "AFTER_REGISTER_TABLE", "AFTER_DROP_TABLE" ->
                names.table(catalog, SenderNames.texts(event.path("namespace")), JsonValues.text(event, "table_name"));
            case "AFTER_RENAME_TABLE" ->
                SenderNames.both(
                        names.table(catalog, event.path("source")), names.table(catalog, event.path("destination")));
            default -> Reading.IGNORED;
        };
    }
}
