package dev.firn.lake.storage;

import java.util.HashMap;
import java.util.Map;
import org.apache.iceberg.CatalogProperties;

/// Derives Hadoop's S3A properties from those of Iceberg's S3FileIO. A catalog whose `io-impl` is Iceberg's
/// `HadoopFileIO` reads its tables through S3A with the same endpoint, keys, region, encryption and limits, for
/// `s3://`, `s3a://` and `s3n://` alike. Properties that the catalog itself sets as `hadoop.…` win.
///
/// S3A needs `hadoop-aws` and its dependencies on the class path. Hadoop keeps one file system per bucket and JVM: if
/// two catalogs have different keys for one bucket, the first one wins.
public final class S3aProperties {
    static final String HADOOP_FILE_IO = "org.apache.iceberg.hadoop.HadoopFileIO";

    private static final String FILE_SYSTEM = "org.apache.hadoop.fs.s3a.S3AFileSystem";

    /// S3A retries around those of the SDK, which `s3.retry.num-retries` limits.
    private static final String OUTER_ATTEMPTS = "1";

    private static final Map<String, String> NAMES = Map.of(
            "s3.endpoint", "hadoop.fs.s3a.endpoint",
            "client.region", "hadoop.fs.s3a.endpoint.region",
            "s3.path-style-access", "hadoop.fs.s3a.path.style.access",
            "s3.access-key-id", "hadoop.fs.s3a.access.key",
            "s3.secret-access-key", "hadoop.fs.s3a.secret.key",
            "s3.session-token", "hadoop.fs.s3a.session.token",
            "s3.retry.num-retries", "hadoop.fs.s3a.attempts.maximum",
            "http-client.urlconnection.socket-timeout-ms", "hadoop.fs.s3a.connection.timeout",
            "s3.sse.key", "hadoop.fs.s3a.encryption.key");

    private static final Map<String, String> ENCRYPTIONS = Map.of(
            "s3", "AES256",
            "kms", "SSE-KMS",
            "dsse-kms", "DSSE-KMS",
            "custom", "SSE-C");

    private S3aProperties() {}

    /// Adds the S3A properties if the catalog reads through Hadoop.
    public static Map<String, String> complete(Map<String, String> properties) {
        if (!HADOOP_FILE_IO.equals(properties.get(CatalogProperties.FILE_IO_IMPL))) {
            return properties;
        }
        Map<String, String> all = new HashMap<>();
        for (String scheme : new String[] {"s3", "s3a", "s3n"}) {
            all.put("hadoop.fs." + scheme + ".impl", FILE_SYSTEM);
        }
        all.put("hadoop.fs.s3a.retry.limit", OUTER_ATTEMPTS);
        NAMES.forEach((ours, hadoop) -> {
            if (properties.containsKey(ours)) {
                all.put(hadoop, properties.get(ours));
            }
        });
        if (properties.getOrDefault("s3.endpoint", "").startsWith("http://")) {
            all.put("hadoop.fs.s3a.connection.ssl.enabled", "false");
        }
        String encryption = ENCRYPTIONS.get(properties.getOrDefault("s3.sse.type", ""));
        if (encryption != null) {
            all.put("hadoop.fs.s3a.encryption.algorithm", encryption);
        }
        all.putAll(properties);
        return Map.copyOf(all);
    }
}
