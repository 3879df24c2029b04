package dev.firn.registration.validation;

import dev.firn.events.FeatureSpec;
import dev.firn.events.RegistrationRequest;
import dev.firn.events.TableSource;
import dev.firn.events.Violation;
import dev.firn.schemas.Code;
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

/// The checks that need nothing but the request.
public final class RequestRules {
    static final int MAX_ENTITIES = 32;
    static final int MAX_FEATURES = 2_000;

    private final RegistrationRequest request;
    private final List<Violation> violations = new ArrayList<>();

    private RequestRules(RegistrationRequest request) {
        this.request = request;
    }

    /// Whether the view's name and the request id can be keys of state and topics.
    public static boolean isAddressable(RegistrationRequest request) {
        return Ids.isIdentifier(request.getName()) && Ids.isRequestId(request.getRequestId());
    }

    /// Whether a list is too long to look for its names in the table.
    static boolean isTooLong(Violation violation) {
        return violation.getCode().equals(Code.TOO_MANY.name());
    }

    /// Everything that is wrong, in the order of the request's fields. A list that is too long is not looked at,
    /// so this takes milliseconds whatever the request holds: it runs on stream threads too.
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
            add(
                    Code.INVALID_REQUEST_ID,
                    "request_id",
                    "must be letters, digits, '.', '_' and '-', at most 127 of them");
        }
        identifier("name", request.getName());
        if (request.getName().contains("__")) {
            add(Code.INVALID_NAME, "name", "must not contain '__', which separates view and feature");
        }
    }

    private void entities() {
        List<String> entities = request.getEntities();
        boolean hasTooMany = isOverLimit("entities", entities.size(), MAX_ENTITIES);
        boolean hasTooManyColumns =
                isOverLimit("entity_columns", request.getEntityColumns().size(), MAX_ENTITIES);
        if (hasTooMany || hasTooManyColumns) {
            return;
        }
        Map<String, String> seen = new HashMap<>();
        for (int i = 0; i < entities.size(); i++) {
            identifier("entities[%d]".formatted(i), entities.get(i));
            unique(seen, "entities[%d]".formatted(i), entities.get(i));
        }
        request.getEntityColumns().keySet().stream()
                .filter(entity -> !entities.contains(entity))
                .sorted()
                .forEach(entity -> add(
                        Code.UNKNOWN_ENTITY,
                        "entity_columns." + printable(entity),
                        "the view has no entity '%s'".formatted(printable(entity))));
    }

    private void features() {
        List<FeatureSpec> features = request.getFeatures();
        if (features.isEmpty()) {
            add(Code.NO_FEATURES, "features", "a view needs at least one feature");
        }
        boolean hasTooMany = isOverLimit("features", features.size(), MAX_FEATURES);
        boolean hasTooManyMappings =
                isOverLimit("field_mapping", request.getFieldMapping().size(), MAX_FEATURES);
        if (hasTooMany || hasTooManyMappings) {
            return;
        }
        List<String> entities =
                request.getEntities().stream().limit(MAX_ENTITIES).toList();
        Map<String, String> seen = new HashMap<>();
        Set<String> names = new HashSet<>();
        for (int i = 0; i < features.size(); i++) {
            String path = "features[%d].name".formatted(i);
            String name = features.get(i).getName();
            names.add(name);
            identifier(path, name);
            unique(seen, path, name);
            if (entities.stream().anyMatch(name::equalsIgnoreCase)) {
                add(Code.FEATURE_IS_ENTITY, path, "'%s' is already an entity of this view".formatted(printable(name)));
            }
        }
        Map<String, String> targets = new HashMap<>();
        request.getFieldMapping().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(mapping -> {
                    String path = "field_mapping." + printable(mapping.getKey());
                    if (!names.contains(mapping.getValue())) {
                        add(
                                Code.UNKNOWN_FEATURE,
                                path,
                                "the view has no feature '%s'".formatted(printable(mapping.getValue())));
                    }
                    unique(targets, path, mapping.getValue());
                });
    }

    private void source() {
        TableSource source = request.getSource();
        if (source == null) {
            add(Code.NO_SOURCE, "source", "a view needs a source table");
            return;
        }
        lakeName("source.catalog", source.getCatalog());
        lakeName("source.schema", source.getSchema$());
        lakeName("source.table_name", source.getTableName());
        if (source.getTableName().indexOf('.') >= 0) {
            add(
                    Code.INVALID_NAME,
                    "source.table_name",
                    "'%s' must not contain a dot".formatted(printable(source.getTableName())));
        }
        if (source.getCatalog().indexOf('.') >= 0) {
            add(
                    Code.INVALID_NAME,
                    "source.catalog",
                    "'%s' must not contain a dot".formatted(printable(source.getCatalog())));
        }
        lakeName("source.timestamp_field", source.getTimestampField());
        String zone = source.getTimestampZone();
        if (zone != null) {
            try {
                ZoneId.of(zone);
            } catch (DateTimeException e) {
                add(
                        Code.INVALID_ZONE,
                        "source.timestamp_zone",
                        "'%s' is not an IANA time zone".formatted(printable(zone)));
            }
        }
    }

    private void numbers() {
        if (request.getOnline()) {
            add(
                    Code.ONLINE_UNSUPPORTED,
                    "online",
                    "Firn serves offline only; register the view with online set to false");
        }
        Long ttl = request.getTtlMicros();
        if (ttl != null && ttl < 0) {
            add(Code.NEGATIVE_DURATION, "ttl_micros", "must be 0 (unlimited) or more");
        }
        if (request.getAvailableAfterMicros() < 0) {
            add(Code.NEGATIVE_DURATION, "available_after_micros", "must be 0 or more");
        }
    }

    private void identifier(String path, String name) {
        if (!Ids.isIdentifier(name)) {
            add(
                    Code.INVALID_NAME,
                    path,
                    "'%s' must be a letter or underscore, then letters, digits and underscores, at most %d in all"
                            .formatted(printable(name), Limits.IDENTIFIER_LENGTH));
        }
    }

    /// Names in the lake are quoted wherever they are used. Names that are surely a mistake are refused anyway.
    private void lakeName(String path, String name) {
        boolean hostile = name.isBlank()
                || name.length() > Limits.IDENTIFIER_LENGTH * 2
                || name.chars().anyMatch(c -> Character.isISOControl(c) || c == '"' || c == '\'' || c == ';');
        if (hostile) {
            add(
                    Code.INVALID_NAME,
                    path,
                    "'%s' cannot be the name of a catalog, schema, table or column".formatted(printable(name)));
        }
    }

    private void unique(Map<String, String> seen, String path, String name) {
        String before = seen.putIfAbsent(name.toLowerCase(Locale.ROOT), path);
        if (before != null) {
            add(Code.DUPLICATE_NAME, path, "'%s' is already named at %s".formatted(printable(name), before));
        }
    }

    private boolean isOverLimit(String path, int size, int max) {
        boolean isOver = size > max;
        if (isOver) {
            add(Code.TOO_MANY, path, "%d %s; the limit is %d".formatted(size, path, max));
        }
        return isOver;
    }

    private void add(Code code, String path, String message) {
        violations.add(code.violation(path, message));
    }

    /// The name as it may appear in messages and logs: without control characters, and cut if it is too long.
    static String printable(String name) {
        String shown =
                name.length() > Limits.IDENTIFIER_LENGTH ? name.substring(0, Limits.IDENTIFIER_LENGTH) + "…" : name;
        return shown.replaceAll("\\p{Cntrl}", "?");
    }
}
