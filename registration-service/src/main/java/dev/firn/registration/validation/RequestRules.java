package dev.firn.registration.validation;

import dev.firn.events.FeatureSpec;
import dev.firn.events.RegistrationRequest;
import dev.firn.events.TableSource;
import dev.firn.events.Violation;
import dev.firn.schemas.Ids;
import dev.firn.schemas.Limits;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// What can be told from a request alone.
public final class RequestRules {
    static final int MAX_ENTITIES = 32;
    static final int MAX_FEATURES = 2_000;

    private final RegistrationRequest request;
    private final List<Violation> violations = new ArrayList<>();

    private RequestRules(RegistrationRequest request) {
        this.request = request;
    }

    /// Whether the view's name and the request id can name state and topics' keys at all.
    public static boolean isAddressable(RegistrationRequest request) {
        return Ids.isIdentifier(request.getName()) && Ids.isRequestId(request.getRequestId());
    }

    /// Everything that is wrong, in the order of the request's fields.
    public static List<Violation> violations(RegistrationRequest request) {
        RequestRules rules = new RequestRules(request);
        rules.names();
        rules.entities();
        rules.features();
        rules.source();
        rules.numbers();
        return List.copyOf(rules.violations);
    }

    private void names() {
        if (!Ids.isRequestId(request.getRequestId())) {
            add("INVALID_REQUEST_ID", "request_id", "a request id is letters, digits, '.', '_' and '-', at most 127");
        }
        identifier("name", request.getName());
        if (request.getName().contains("__")) {
            add("INVALID_NAME", "name", "a view's name holds no double underscore: it separates view and feature");
        }
    }

    private void entities() {
        List<String> entities = request.getEntities();
        if (entities.isEmpty()) {
            add("NO_ENTITIES", "entities", "a view needs at least one entity");
        }
        limit("entities", entities.size(), MAX_ENTITIES);
        Map<String, String> seen = new HashMap<>();
        for (int i = 0; i < entities.size() && i < MAX_ENTITIES; i++) {
            identifier("entities[%d]".formatted(i), entities.get(i));
            unique(seen, "entities[%d]".formatted(i), entities.get(i));
        }
        request.getEntityColumns().keySet().stream()
                .filter(entity -> !entities.contains(entity))
                .sorted()
                .forEach(entity -> violations.add(Findings.misspelt(
                        "UNKNOWN_ENTITY",
                        "entity_columns." + printable(entity),
                        "'%s' is no entity of this view".formatted(printable(entity)),
                        null)));
    }

    private void features() {
        List<FeatureSpec> features = request.getFeatures();
        if (features.isEmpty()) {
            add("NO_FEATURES", "features", "a view needs at least one feature");
        }
        limit("features", features.size(), MAX_FEATURES);
        Map<String, String> seen = new HashMap<>();
        Set<String> names = new HashSet<>();
        for (int i = 0; i < features.size() && i < MAX_FEATURES; i++) {
            String path = "features[%d].name".formatted(i);
            String name = features.get(i).getName();
            names.add(name);
            identifier(path, name);
            unique(seen, path, name);
            if (request.getEntities().stream().anyMatch(name::equalsIgnoreCase)) {
                add("FEATURE_IS_ENTITY", path, "'%s' is an entity of this view already".formatted(printable(name)));
            }
        }
        Map<String, String> targets = new HashMap<>();
        request.getFieldMapping().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(mapping -> {
                    String path = "field_mapping." + printable(mapping.getKey());
                    if (!names.contains(mapping.getValue())) {
                        add(
                                "UNKNOWN_FEATURE",
                                path,
                                "'%s' is no feature of this view".formatted(printable(mapping.getValue())));
                    }
                    unique(targets, path, mapping.getValue());
                });
    }

    private void source() {
        TableSource source = request.getSource();
        if (source == null) {
            add("NO_SOURCE", "source", "a view needs a source table");
            return;
        }
        plain("source.catalog", source.getCatalog());
        plain("source.schema", source.getSchema$());
        plain("source.table_name", source.getTableName());
        if (source.getTableName().indexOf('.') >= 0) {
            add(
                    "INVALID_NAME",
                    "source.table_name",
                    "'%s' holds a dot, by which names are taken apart".formatted(printable(source.getTableName())));
        }
        if (source.getCatalog().indexOf('.') >= 0) {
            add(
                    "INVALID_NAME",
                    "source.catalog",
                    "'%s' holds a dot, by which names are taken apart".formatted(printable(source.getCatalog())));
        }
        plain("source.timestamp_field", source.getTimestampField());
        String zone = source.getTimestampZone();
        if (zone != null) {
            try {
                ZoneId.of(zone);
            } catch (DateTimeException e) {
                add("INVALID_ZONE", "source.timestamp_zone", "'%s' is no IANA time zone".formatted(printable(zone)));
            }
        }
    }

    private void numbers() {
        if (request.getOnline()) {
            add("ONLINE_UNSUPPORTED", "online", "Firn serves offline only; register with online false");
        }
        Long ttl = request.getTtlMicros();
        if (ttl != null && ttl < 0) {
            add("NEGATIVE_DURATION", "ttl_micros", "a TTL is 0 (unlimited) or more");
        }
        if (request.getAvailableAfterMicros() < 0) {
            add("NEGATIVE_DURATION", "available_after_micros", "a delay is 0 or more");
        }
    }

    private void identifier(String path, String name) {
        if (!Ids.isIdentifier(name)) {
            add(
                    "INVALID_NAME",
                    path,
                    "'%s' is no identifier: a letter or underscore, then letters, digits and underscores, at most %d"
                            .formatted(printable(name), Limits.IDENTIFIER_LENGTH));
        }
    }

    /// Names of the lake are quoted wherever they are used; what nobody means to type is refused all the same.
    private void plain(String path, String name) {
        boolean hostile = name.isBlank()
                || name.length() > Limits.IDENTIFIER_LENGTH * 2
                || name.chars().anyMatch(c -> Character.isISOControl(c) || c == '"' || c == '\'' || c == ';');
        if (hostile) {
            add(
                    "INVALID_NAME",
                    path,
                    "'%s' is no name of a catalog, schema, table or column".formatted(printable(name)));
        }
    }

    private void unique(Map<String, String> seen, String path, String name) {
        String before = seen.putIfAbsent(name.toLowerCase(Locale.ROOT), path);
        if (before != null) {
            add("DUPLICATE_NAME", path, "'%s' is named at %s already".formatted(printable(name), before));
        }
    }

    private void limit(String path, int size, int most) {
        if (size > most) {
            add("TOO_MANY", path, "%d %s; the limit is %d".formatted(size, path, most));
        }
    }

    private void add(String code, String path, String message) {
        violations.add(Findings.of(code, path, message));
    }

    /// Names go into messages and logs: control characters do not, nor do endless names.
    static String printable(String name) {
        String shown =
                name.length() > Limits.IDENTIFIER_LENGTH ? name.substring(0, Limits.IDENTIFIER_LENGTH) + "…" : name;
        return shown.replaceAll("\\p{Cntrl}", "?");
    }
}
