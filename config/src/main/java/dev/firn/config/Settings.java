package dev.firn.config;

import io.smallrye.config.ConfigValidationException;
import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Loads [FirnConfig], and derives the properties for Kafka, the schema registry and Iceberg from it.
public final class Settings {
    private static final int CONVERTER_PRIORITY = 1000;
    private static final int FILE_ORDINAL = 200;
    private static final int ENVIRONMENT_ORDINAL = 300;
    private static final int PROPERTIES_ORDINAL = 400;
    private static final Pattern LIBRARY_CODE = Pattern.compile("(?:\\w+\\.)*\\w*Exception: |SRCFG\\d+: ");
    private static final Pattern INVALID_VALUE = Pattern.compile(
            "The config property (\\S+) with the config value \"(.*)\" threw an Exception whilst being converted (.*)",
            Pattern.DOTALL);
    private static final String FILE = "firn.config";

    static final String MECHANISM = "sasl.mechanism";

    /// Of the mechanisms that log in with a user and a password.
    static final Map<String, String> LOGIN_MODULES = Map.of(
            "PLAIN",
            "plain.PlainLoginModule",
            "SCRAM-SHA-256",
            "scram.ScramLoginModule",
            "SCRAM-SHA-512",
            "scram.ScramLoginModule");

    private Settings() {}

    /// The settings of this process.
    ///
    /// @throws InvalidConfigException naming every invalid setting
    public static FirnConfig load() {
        return load(System.getenv(), asMap(System.getProperties()));
    }

    /// The settings of the given environment and system properties: for tests, and for child processes.
    ///
    /// @throws InvalidConfigException naming every invalid setting
    public static FirnConfig load(Map<String, String> environment, Map<String, String> properties) {
        SmallRyeConfigBuilder builder = new SmallRyeConfigBuilder()
                .addDefaultInterceptors()
                .withConverter(Duration.class, CONVERTER_PRIORITY, new DurationConverter())
                .withMapping(FirnConfig.class)
                .withMappingIgnore("firn.config")
                .withMappingIgnore("firn.home")
                .withMappingIgnore("firn.stack")
                .withSources(new EnvConfigSource(environment, ENVIRONMENT_ORDINAL))
                .withSources(new PropertiesConfigSource(properties, "system properties", PROPERTIES_ORDINAL));
        String file = properties.getOrDefault(FILE, environment.getOrDefault("FIRN_CONFIG", ""));
        if (!file.isEmpty()) {
            builder.withSources(new PropertiesConfigSource(read(Path.of(file)), file, FILE_ORDINAL));
        }
        try {
            SmallRyeConfig config = builder.build();
            FirnConfig mapped = config.getConfigMapping(FirnConfig.class);
            Constraints.check(mapped);
            return mapped;
        } catch (ConfigValidationException e) {
            throw new InvalidConfigException(problems(e));
        }
    }

    /// The location of the inline spines of standing retrievals: as set, or beside the results.
    public static String spinesLocation(FirnConfig config) {
        return config.results().spinesLocation().orElseGet(() -> {
            String results = Locations.withoutSlash(config.results().location());
            return results.substring(0, results.lastIndexOf('/') + 1) + "firn-spines";
        });
    }

    /// The location of spines that clients of the gateway send as bodies, beside those of standing retrievals.
    public static String uploadsLocation(FirnConfig config) {
        return Locations.withoutSlash(spinesLocation(config)) + "/uploads";
    }

    /// Properties for Kafka clients: the brokers, and all that is passed through.
    public static Map<String, Object> kafkaProperties(FirnConfig config) {
        Map<String, Object> properties = new LinkedHashMap<>(config.kafka().properties());
        config.kafka().credentialsFile().ifPresent(file -> properties.putAll(login(config.kafka(), file)));
        properties.put("bootstrap.servers", config.kafka().bootstrapServers());
        return properties;
    }

    private static Map<String, String> login(FirnConfig.Kafka kafka, Path file) {
        String mechanism = kafka.properties().getOrDefault(MECHANISM, "");
        return Map.of(
                "sasl.client.callback.handler.class",
                "dev.firn.schemas.KafkaCredentials",
                "sasl.jaas.config",
                "org.apache.kafka.common.security.%s required credentialsFile=\"%s\";"
                        .formatted(LOGIN_MODULES.getOrDefault(mechanism, ""), file));
    }

    /// Properties for serializers, under Confluent's names.
    public static Map<String, Object> schemaRegistryProperties(FirnConfig config) {
        Map<String, Object> properties =
                new LinkedHashMap<>(config.schemaRegistry().properties());
        properties.put("schema.registry.url", config.schemaRegistry().url());
        config.schemaRegistry()
                .credentialsFile()
                .ifPresent(file -> properties.put("credentials.file", file.toString()));
        return properties;
    }

    /// Properties for Iceberg's S3FileIO, for spines and results.
    public static Map<String, String> storageProperties(FirnConfig config) {
        FirnConfig.S3 s3 = config.s3();
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("io-impl", "org.apache.iceberg.aws.s3.S3FileIO");
        properties.put("http-client.type", "urlconnection");
        properties.put("client.region", s3.region());
        s3.endpoint().ifPresent(endpoint -> properties.put("s3.endpoint", endpoint));
        properties.put("s3.path-style-access", Boolean.toString(s3.pathStyleAccess()));
        s3.accessKeyId().ifPresent(key -> properties.put("s3.access-key-id", key));
        s3.secretAccessKey().ifPresent(key -> properties.put("s3.secret-access-key", key));
        properties.put(
                "firn.read-retry-limit-ms", Long.toString(s3.readRetryLimit().toMillis()));
        properties.putAll(s3.properties());
        return Map.copyOf(properties);
    }

    /// Properties for each Iceberg catalog, by name: the S3 settings, overridden by its own. Without `io-impl`, because
    /// not every catalog stores its tables on S3.
    public static Map<String, Map<String, String>> catalogProperties(FirnConfig config) {
        Map<String, Map<String, String>> catalogs = new TreeMap<>();
        config.catalogs().forEach((name, own) -> {
            Map<String, String> merged = new LinkedHashMap<>(storageProperties(config));
            merged.remove("io-impl");
            merged.putAll(own);
            catalogs.put(name, Map.copyOf(merged));
        });
        return Map.copyOf(catalogs);
    }

    private static List<String> problems(ConfigValidationException e) {
        List<String> problems = new ArrayList<>();
        for (int i = 0; i < e.getProblemCount(); i++) {
            problems.add(sentence(e.getProblem(i).getMessage()));
        }
        return problems;
    }

    /// A message of the configuration library without its codes and class names.
    private static String sentence(String message) {
        String plain = LIBRARY_CODE.matcher(message).replaceAll("");
        Matcher invalid = INVALID_VALUE.matcher(plain);
        return invalid.matches()
                ? "%s: '%s' is not valid: %s".formatted(invalid.group(1), invalid.group(2), invalid.group(3))
                : plain;
    }

    private static Map<String, String> read(Path file) {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        } catch (IOException e) {
            throw new InvalidConfigException(List.of("%s: cannot read %s: %s"
                    .formatted(FILE, file, e instanceof NoSuchFileException ? "it does not exist" : e.getMessage())));
        }
        return asMap(properties);
    }

    private static Map<String, String> asMap(Properties properties) {
        Map<String, String> map = new LinkedHashMap<>();
        properties.stringPropertyNames().forEach(name -> map.put(name, properties.getProperty(name)));
        return map;
    }
}
