package dev.firn.registration.hint;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/// CloudEvents as Lakekeeper's Kafka publisher sends them: in binary mode, so that all that is needed stands
/// in headers `ce_…`. The warehouse is named by its id.
final class LakekeeperFormat implements RecordFormat {
    private static final String RENAME = "renameTable";

    /// Of what changes a table. Loading one causes no event.
    private static final Set<String> CHANGES =
            Set.of("updateTable", "createTable", "registerTable", "dropTable", "undropTabulars", RENAME);

    /// Between the levels of a namespace: some events have one, some the other.
    private static final Pattern LEVELS = Pattern.compile("[\\u001f.]");

    private final SenderNames names;
    private final JsonValues json;

    LakekeeperFormat(SenderNames names, JsonValues json) {
        this.names = names;
        this.json = json;
    }

    @Override
    public Reading read(Headers headers, byte @Nullable [] value) {
        String type = attribute(headers, "type");
        String namespace = attribute(headers, "namespace");
        if (type == null) {
            return Reading.UNDECODABLE;
        }
        if (!CHANGES.contains(type) || !"Table".equals(attribute(headers, "tabular-type"))) {
            return Reading.IGNORED;
        }
        if (namespace == null) {
            return Reading.UNDECODABLE;
        }
        String warehouse = attribute(headers, "warehouse-id");
        List<String> levels = Arrays.asList(LEVELS.split(namespace, -1));
        Reading named = names.table(warehouse, levels, attribute(headers, "name"));
        if (!type.equals(RENAME)) {
            return named;
        }
        Reading destination = json.read(
                value,
                request -> names.table(
                        warehouse,
                        SenderNames.texts(request.path("destination").path("namespace")),
                        JsonValues.text(request.path("destination"), "name")));
        return SenderNames.both(named, destination);
    }

    private static @Nullable String attribute(Headers headers, String name) {
        Header header = headers.lastHeader("ce_" + name);
        return header == null || header.value() == null ? null : new String(header.value(), StandardCharsets.UTF_8);
    }
}
