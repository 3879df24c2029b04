package dev.firn.embedded;

import java.util.LinkedHashMap;
import java.util.Map;

/// Addresses and credentials of the parts of a stack.
///
/// @param schemaRegistryUrl the registry's Confluent-compatible API
/// @param catalogUri the JDBC URI of the SQLite file that holds the Iceberg catalog
/// @param warehouse the Iceberg catalog's warehouse
/// @param kafkaAccess how to connect to the broker
public record StackAddresses(
        String bootstrapServers,
        String schemaRegistryUrl,
        String s3Endpoint,
        String accessKey,
        String secretKey,
        String region,
        String trinoHost,
        int trinoPort,
        String trinoUser,
        String catalogUri,
        String warehouse,
        KafkaAccess kafkaAccess) {
    public static final String BUCKET = "lake";
    public static final String CATALOG = "iceberg";
    public static final String GOLD_SCHEMA = "gold";
    static final String ICEBERG_PATH = "iceberg";

    /// The properties with which Kafka's clients connect as `user`. A new map that the caller may change.
    public Map<String, Object> kafkaProperties(StackUser user) {
        Map<String, Object> properties = new LinkedHashMap<>(kafkaAccess.clientProperties(user));
        properties.put("bootstrap.servers", bootstrapServers);
        return properties;
    }

    /// `jdbc:trino://…/iceberg`.
    public String trinoJdbcUrl() {
        return "jdbc:trino://%s:%d/%s".formatted(trinoHost, trinoPort, CATALOG);
    }

    /// The environment variables that the architecture defines, with this stack's values.
    public Map<String, String> environment() {
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put("S3_BUCKET", BUCKET);
        variables.put("S3_ICEBERG_BASE_PATH", ICEBERG_PATH + "/" + GOLD_SCHEMA);
        variables.put("AWS_ACCESS_KEY_ID", accessKey);
        variables.put("AWS_SECRET_ACCESS_KEY", secretKey);
        variables.put("AWS_REGION", region);
        variables.put("TRINO_HOST", trinoHost);
        variables.put("TRINO_PORT", Integer.toString(trinoPort));
        variables.put("TRINO_USER", trinoUser);
        variables.put("TRINO_CATALOG", CATALOG);
        variables.put("GOLD_SCHEMA", GOLD_SCHEMA);
        return variables;
    }

    /// Iceberg's properties for the catalog that Trino calls [#CATALOG].
    public Map<String, String> icebergCatalogProperties() {
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("type", "jdbc");
        properties.put("uri", catalogUri);
        properties.put("warehouse", warehouse);
        properties.put("jdbc.schema-version", "V1");
        properties.put("io-impl", "org.apache.iceberg.aws.s3.S3FileIO");
        properties.put("s3.endpoint", s3Endpoint);
        properties.put("s3.path-style-access", "true");
        properties.put("s3.access-key-id", accessKey);
        properties.put("s3.secret-access-key", secretKey);
        properties.put("client.region", region);
        properties.put("http-client.type", "urlconnection");
        return properties;
    }

    @Override
    public String toString() {
        return "StackAddresses[bootstrapServers=%s, schemaRegistryUrl=%s, s3Endpoint=%s, trino=%s:%d, catalogUri=%s]"
                .formatted(bootstrapServers, schemaRegistryUrl, s3Endpoint, trinoHost, trinoPort, catalogUri);
    }
}
