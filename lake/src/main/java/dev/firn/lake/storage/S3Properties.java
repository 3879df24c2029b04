package dev.firn.lake.storage;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Iceberg's S3 properties, derived from the environment of a deployment.
public final class S3Properties {
    private static final Map<String, String> DEFAULTS = Map.of(
            // the only HTTP client of the SDK on the class path
            "http-client.type",
            "urlconnection",
            "http-client.urlconnection.connection-timeout-ms",
            "5000",
            "http-client.urlconnection.socket-timeout-ms",
            "30000",
            // Iceberg's own limits would wait a minute for an unavailable store
            "s3.retry.num-retries",
            "4",
            "s3.retry.min-wait-ms",
            "200",
            "s3.retry.max-wait-ms",
            "5000",
            ReadRetries.LIMIT,
            Long.toString(ReadRetries.DEFAULT_LIMIT.toMillis()));

    private S3Properties() {}

    /// Adds Firn's limits for whatever the properties do not set.
    public static Map<String, String> withDefaults(Map<String, String> properties) {
        Map<String, String> all = new HashMap<>(DEFAULTS);
        all.putAll(properties);
        return Map.copyOf(all);
    }

    /// From the environment variables `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`,
    /// `AWS_REGION` and `AWS_ENDPOINT_URL` or `AWS_ENDPOINT_URL_S3`; an endpoint implies path-style access.
    /// Without keys, the default credential chain of AWS applies.
    public static Map<String, String> ofEnvironment(Map<String, String> environment) {
        Map<String, String> properties = new HashMap<>();
        Optional<String> accessKey = set(environment, "AWS_ACCESS_KEY_ID");
        Optional<String> secretKey = set(environment, "AWS_SECRET_ACCESS_KEY");
        if (accessKey.isPresent() && secretKey.isPresent()) {
            properties.put("s3.access-key-id", accessKey.get());
            properties.put("s3.secret-access-key", secretKey.get());
            set(environment, "AWS_SESSION_TOKEN").ifPresent(token -> properties.put("s3.session-token", token));
        }
        set(environment, "AWS_REGION").ifPresent(region -> properties.put("client.region", region));
        set(environment, "AWS_ENDPOINT_URL_S3")
                .or(() -> set(environment, "AWS_ENDPOINT_URL"))
                .ifPresent(endpoint -> {
                    properties.put("s3.endpoint", endpoint);
                    properties.put("s3.path-style-access", "true");
                });
        return Map.copyOf(properties);
    }

    private static Optional<String> set(Map<String, String> environment, String name) {
        return Optional.ofNullable(environment.get(name)).filter(value -> !value.isBlank());
    }
}
