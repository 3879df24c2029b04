package dev.firn.config;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Checks what the types cannot express: bounds, names, and settings that must agree.
final class Constraints {
    private static final Pattern NAMESPACE = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");

    private Constraints() {}

    static void check(FirnConfig config) {
        List<String> problems = new ArrayList<>();
        for (Setting setting : Setting.all()) {
            setting.range().ifPresent(range -> checkRange(config, setting, range, problems));
        }
        checkLongestPauses(config, problems);
        if (!NAMESPACE.matcher(config.namespace()).matches()) {
            problems.add("firn.namespace: must match %s, got '%s'".formatted(NAMESPACE, config.namespace()));
        }
        for (String catalog : config.access().catalogs()) {
            if (!config.catalogs().isEmpty() && !config.catalogs().containsKey(catalog)) {
                problems.add("firn.access.catalogs: '%s' needs properties firn.catalogs.%s.*; only %s have any"
                        .formatted(catalog, catalog, config.catalogs().keySet()));
            }
        }
        for (String catalog : config.access().retainCatalogs().orElse(List.of())) {
            if (!config.access().catalogs().contains(catalog)) {
                problems.add("firn.access.retain-catalogs: '%s' must also be in firn.access.catalogs, which are %s"
                        .formatted(catalog, config.access().catalogs()));
            }
        }
        for (String schema : config.access().targetSchemas().orElse(List.of())) {
            int dot = schema.indexOf('.');
            if (dot <= 0 || !config.access().catalogs().contains(schema.substring(0, dot))) {
                problems.add(
                        "firn.access.target-schemas: '%s' must be catalog.schema, of a catalog in firn.access.catalogs, which are %s"
                                .formatted(schema, config.access().catalogs()));
            }
        }
        if (config.s3().accessKeyId().isPresent()
                != config.s3().secretAccessKey().isPresent()) {
            problems.add("firn.s3.access-key-id and firn.s3.secret-access-key: set both or neither");
        }
        checkKafkaLogin(config.kafka(), problems);
        checkLocations(config, problems);
        checkGateway(config.gateway(), problems);
        checkCache(config, problems);
        checkHints(config, problems);
        if (!problems.isEmpty()) {
            throw new InvalidConfigException(problems);
        }
    }

    /// A setting `x-max` is the longest pause of a back-off that begins with `x`.
    private static void checkLongestPauses(FirnConfig config, List<String> problems) {
        Map<String, Setting> settings =
                Setting.all().stream().collect(Collectors.toMap(Setting::name, setting -> setting));
        settings.forEach((name, longest) -> {
            Setting first = settings.get(name.replaceAll("-max$", ""));
            if (name.endsWith("-max")
                    && first != null
                    && valueOf(config, first) instanceof Duration from
                    && valueOf(config, longest) instanceof Duration to
                    && to.compareTo(from) < 0) {
                problems.add("%s: must be at least %s, which is %s, got %s".formatted(name, first.name(), from, to));
            }
        });
    }

    private static void checkCache(FirnConfig config, List<String> problems) {
        config.retrieval()
                .memoryBudgetBytes()
                .ifPresent(budget -> config.cache()
                        .metadataBytes()
                        .filter(bytes -> bytes > budget / 2)
                        .ifPresent(bytes -> problems.add(
                                "firn.cache.metadata-bytes: must be at most half of firn.retrieval.memory-budget-bytes, which is %d, got %d"
                                        .formatted(budget, bytes))));
    }

    private static void checkHints(FirnConfig config, List<String> problems) {
        config.hints()
                .sources()
                .forEach((name, source) -> source.catalogs().forEach((theirs, ours) -> {
                    if (!config.catalogs().isEmpty() && !config.catalogs().containsKey(ours)) {
                        problems.add("firn.hints.sources.%s.catalogs.%s: must be one of the catalogs %s, got '%s'"
                                .formatted(name, theirs, config.catalogs().keySet(), ours));
                    }
                }));
    }

    private static void checkKafkaLogin(FirnConfig.Kafka kafka, List<String> problems) {
        kafka.credentialsFile().ifPresent(file -> {
            String mechanism = kafka.properties().getOrDefault(Settings.MECHANISM, "");
            if (!Settings.LOGIN_MODULES.containsKey(mechanism)) {
                problems.add(
                        "firn.kafka.credentials-file: firn.kafka.properties.sasl.mechanism must be one of %s, got '%s'"
                                .formatted(
                                        Settings.LOGIN_MODULES.keySet().stream()
                                                .sorted()
                                                .toList(),
                                        mechanism));
            }
            if (file.toString().contains("\"") || file.toString().contains("\\")) {
                problems.add("firn.kafka.credentials-file: must have neither quotes nor backslashes, got '%s'"
                        .formatted(file));
            }
            if (kafka.properties().containsKey("sasl.jaas.config")) {
                problems.add("firn.kafka.credentials-file and firn.kafka.properties.sasl.jaas.config: set only one");
            }
        });
    }

    private static void checkGateway(FirnConfig.Gateway gateway, List<String> problems) {
        FirnConfig.Oidc oidc = gateway.oidc();
        if (oidc.issuer().isPresent() != oidc.jwksUri().isPresent()) {
            problems.add("firn.gateway.oidc.issuer and firn.gateway.oidc.jwks-uri: set both or neither");
        }
        boolean hasPrincipals =
                gateway.tokensFile().isPresent() || oidc.issuer().isPresent();
        if (hasPrincipals != gateway.rulesFile().isPresent()) {
            problems.add(
                    "firn.gateway.rules-file: set it together with firn.gateway.tokens-file or firn.gateway.oidc.issuer");
        }
    }

    /// Results and spines lie apart from tables, so that neither writes into the other. They also lie apart from each
    /// other, so that a life-cycle rule may delete results.
    private static void checkLocations(FirnConfig config, List<String> problems) {
        String results = config.results().location();
        if (Locations.isBucket(results) && config.results().spinesLocation().isEmpty()) {
            problems.add("firn.results.spines-location: must be set, because firn.results.location is a whole bucket");
            return;
        }
        String spines = Settings.spinesLocation(config);
        if (Locations.overlap(results, spines)) {
            problems.add("firn.results.spines-location: must lie apart from firn.results.location (%s), got '%s'"
                    .formatted(results, spines));
        }
        config.catalogs().forEach((catalog, properties) -> {
            String warehouse = properties.getOrDefault("warehouse", "");
            if (!Locations.isLocation(warehouse)) {
                return;
            }
            for (String own : List.of(results, spines)) {
                if (Locations.overlap(own, warehouse)) {
                    problems.add("firn.catalogs.%s.warehouse: must lie apart from Firn's own files at %s, got '%s'"
                            .formatted(catalog, own, warehouse));
                }
            }
        });
    }

    private static void checkRange(FirnConfig config, Setting setting, Range range, List<String> problems) {
        Object value = valueOf(config, setting);
        Long number =
                switch (value) {
                    case Duration duration -> duration.toMillis();
                    case OptionalInt optional when optional.isPresent() -> (long) optional.getAsInt();
                    case Optional<?> optional
                    when optional.isPresent() && optional.get() instanceof Number present -> present.longValue();
                    case Optional<?> optional
                    when optional.isPresent() && optional.get() instanceof Duration present -> present.toMillis();
                    case Number present -> present.longValue();
                    default -> null;
                };
        if (number != null && (number < range.min() || number > range.max())) {
            problems.add("%s: must be between %d and %d%s, got %s"
                    .formatted(
                            setting.name(),
                            range.min(),
                            range.max(),
                            setting.type().contains("Duration") ? " ms" : "",
                            value));
        }
    }

    private static Object valueOf(FirnConfig config, Setting setting) {
        Object value = config;
        try {
            for (Method step : setting.path()) {
                value = step.invoke(value);
            }
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException("cannot read " + setting.name(), e);
        }
        return value;
    }
}
