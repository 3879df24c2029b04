package dev.firn.cli.command;

import dev.firn.embedded.KafkaAccess;
import dev.firn.embedded.StackAddresses;
import dev.firn.embedded.StackUser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;

/// Firn's settings on an embedded stack.
public final class StackProperties {
    /// The setting that names the user's file.
    public static final String CREDENTIALS_FILE = "firn.kafka.credentials-file";

    /// Small, since a stack shares its disk with all else on the machine.
    private static final String CACHE_BYTES = String.valueOf(2L << 30);

    private StackProperties() {}

    /// A new map that the caller may change.
    ///
    /// @param user whom a secured broker sees
    public static Map<String, String> of(StackAddresses stack, Path folder, StackUser user) {
        String bucket = "s3://" + StackAddresses.BUCKET;
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("firn.kafka.bootstrap-servers", stack.bootstrapServers());
        KafkaAccess kafka = stack.kafkaAccess();
        if (kafka.isSecured()) {
            kafka.connectionProperties()
                    .forEach((name, value) -> properties.put("firn.kafka.properties." + name, value));
            properties.put(CREDENTIALS_FILE, kafka.credentialsFile(user).toString());
        }
        properties.put("firn.schema-registry.url", stack.schemaRegistryUrl());
        properties.put("firn.trino.host", stack.trinoHost());
        properties.put("firn.trino.port", Integer.toString(stack.trinoPort()));
        properties.put("firn.trino.user", stack.trinoUser());
        properties.put("firn.trino.catalog", StackAddresses.CATALOG);
        properties.put("firn.trino.schema", StackAddresses.GOLD_SCHEMA);
        properties.put("firn.s3.endpoint", stack.s3Endpoint());
        properties.put("firn.s3.path-style-access", "true");
        properties.put("firn.s3.region", stack.region());
        properties.put("firn.s3.access-key-id", stack.accessKey());
        properties.put("firn.s3.secret-access-key", stack.secretKey());
        stack.icebergCatalogProperties()
                .forEach((name, value) ->
                        properties.put("firn.catalogs.%s.%s".formatted(StackAddresses.CATALOG, name), value));
        properties.put("firn.access.catalogs", StackAddresses.CATALOG);
        properties.put(
                "firn.access.spine-locations",
                "%s/spines,%s/%s/%s".formatted(bucket, bucket, "iceberg", StackAddresses.GOLD_SCHEMA));
        properties.put("firn.results.location", bucket + "/results");
        properties.put("firn.state.folder", folder.resolve("state").toString());
        properties.put("firn.cache.folder", folder.resolve("cache").toString());
        properties.put("firn.cache.bytes", CACHE_BYTES);
        // There are only a few tables: poll often, so that a commit is noticed quickly.
        properties.put("firn.refresh.poll-interval", "1s");
        // Each check is a query in Trino and a call to each other part, which all run on this machine.
        properties.put("firn.health.check-interval", "30s");
        return properties;
    }

    /// The settings file of a namespace on the stack in a folder.
    public static Path file(Path folder, String namespace) {
        return folder.resolve("firn-%s.properties".formatted(namespace));
    }

    /// Writes a settings file for `FIRN_CONFIG`. Only its owner may read it, since it contains the stack's secrets.
    public static void write(Map<String, String> settings, Path file) {
        Properties properties = new Properties();
        properties.putAll(settings);
        try {
            Files.deleteIfExists(file);
            Files.createDirectories(file.getParent());
            if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
                Files.createFile(
                        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            }
            try (Writer writer = Files.newBufferedWriter(file)) {
                properties.store(writer, "Firn on the embedded stack; written by ./firn");
            }
        } catch (IOException e) {
            throw new UncheckedIOException("[%s] cannot write the file".formatted(file), e);
        }
    }
}
