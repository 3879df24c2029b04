package dev.firn.gateway.access;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// One rule of the rules file: what some principals may do.
///
/// Patterns are names in which `*` stands for any text. A pattern of a location is a prefix.
///
/// @param principals patterns of the principals
/// @param granted patterns by right and kind
record Rule(List<String> principals, Map<Right, Map<Kind, List<String>>> granted) {
    static final String ALL = "*";
    private static final String PRINCIPALS = "principals";
    private static final Set<String> FIELDS = Stream.concat(
                    Stream.of(PRINCIPALS), Arrays.stream(Right.values()).map(Right::text))
            .collect(Collectors.toUnmodifiableSet());
    private static final Set<String> KINDS =
            Arrays.stream(Kind.values()).map(Kind::field).collect(Collectors.toUnmodifiableSet());

    Rule {
        principals = List.copyOf(principals);
        granted = Map.copyOf(granted);
    }

    /// Grants everything to everyone.
    static Rule everything() {
        Map<Kind, List<String>> all = new EnumMap<>(Kind.class);
        for (Kind kind : Kind.values()) {
            all.put(kind, List.of(kind == Kind.LOCATION ? "" : ALL));
        }
        return new Rule(List.of(ALL), Map.of(Right.ADMINISTER, all));
    }

    /// @throws IllegalArgumentException saying what is wrong
    static Rule parse(JsonNode json) {
        if (!json.isObject()) {
            throw new IllegalArgumentException("a rule must be an object");
        }
        requireKnown(json, FIELDS);
        List<String> principals = texts(json.path(PRINCIPALS), PRINCIPALS);
        if (principals.isEmpty()) {
            throw new IllegalArgumentException("a rule must name principals");
        }
        Map<Right, Map<Kind, List<String>>> granted = new EnumMap<>(Right.class);
        for (Right right : Right.values()) {
            if (json.has(right.text())) {
                granted.put(right, kinds(json.path(right.text())));
            }
        }
        return new Rule(principals, granted);
    }

    private static Map<Kind, List<String>> kinds(JsonNode json) {
        if (!json.isObject()) {
            throw new IllegalArgumentException("a right must be an object of " + KINDS);
        }
        requireKnown(json, KINDS);
        Map<Kind, List<String>> kinds = new EnumMap<>(Kind.class);
        for (Kind kind : Kind.values()) {
            kinds.put(kind, texts(json.path(kind.field()), kind.field()));
        }
        return kinds;
    }

    private static void requireKnown(JsonNode json, Set<String> known) {
        json.fieldNames().forEachRemaining(field -> {
            if (!known.contains(field)) {
                throw new IllegalArgumentException("unknown field '%s', expected one of %s"
                        .formatted(field, known.stream().sorted().toList()));
            }
        });
    }

    private static List<String> texts(JsonNode json, String field) {
        if (json.isMissingNode()) {
            return List.of();
        }
        List<String> texts = new ArrayList<>();
        if (!json.isArray()) {
            throw new IllegalArgumentException("'%s' must be a list of strings".formatted(field));
        }
        for (JsonNode item : json) {
            if (!item.isTextual() || item.asText().isEmpty()) {
                throw new IllegalArgumentException("'%s' must be a list of strings".formatted(field));
            }
            texts.add(item.asText());
        }
        return texts;
    }

    boolean isAbout(String principal) {
        return principals.stream().anyMatch(pattern -> matches(pattern, principal));
    }

    boolean grants(Right right, Kind kind, String name) {
        return Arrays.stream(Right.values())
                .filter(held -> held.compareTo(right) >= 0)
                .flatMap(held -> granted.getOrDefault(held, Map.of()).getOrDefault(kind, List.of()).stream())
                .anyMatch(pattern -> kind == Kind.LOCATION ? isUnder(pattern, name) : matches(pattern, name));
    }

    /// Compares whole segments, so that `s3://lake/a` does not cover `s3://lake/ab`. The store's own guard refuses `.`
    /// and `..`.
    private static boolean isUnder(String prefix, String location) {
        String folder = prefix.endsWith("/") || prefix.isEmpty() ? prefix : prefix + "/";
        return location.startsWith(folder) || location.equals(prefix);
    }

    /// Walks the parts between the stars from left to right, which needs no backtracking.
    static boolean matches(String pattern, String text) {
        String[] parts = pattern.split("\\*", -1);
        if (parts.length == 1) {
            return pattern.equals(text);
        }
        String last = parts[parts.length - 1];
        if (!text.startsWith(parts[0]) || !text.endsWith(last)) {
            return false;
        }
        int at = parts[0].length();
        int end = text.length() - last.length();
        for (int i = 1; i < parts.length - 1; i++) {
            int found = text.indexOf(parts[i], at);
            if (found < 0) {
                return false;
            }
            at = found + parts[i].length();
        }
        return at <= end;
    }
}
