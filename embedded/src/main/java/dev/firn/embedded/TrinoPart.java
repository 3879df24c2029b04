package dev.firn.embedded;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;

/// A Trino server with the catalogs `iceberg` (the embedded catalog over the S3 server) and `tpch`.
final class TrinoPart {
    static final String NAME = "trino";
    static final String USER = "firn";
    private static final String VERSION = "483";

    /// What `firn rights --of trino` prints for the registration service, and a rule for [#USER].
    private static final String RULES = "trino-rules.json";

    private TrinoPart() {}

    static ProcessSpec process(Path folder, PartJars parts, Ports ports, StackAddresses addresses) throws IOException {
        Path home = folder.resolve(NAME);
        Path etc = home.resolve("etc");
        Path plugins = home.resolve("plugin");
        createPlugin(plugins.resolve("iceberg"), parts.trinoIceberg(), "io.trino.plugin.iceberg.IcebergPlugin");
        createPlugin(plugins.resolve("tpch"), parts.trinoTpch(), "io.trino.plugin.tpch.TpchPlugin");
        Map<String, String> server = new HashMap<>(server(ports, plugins));
        if (addresses.kafkaAccess().isSecured()) {
            server.put("access-control.config-files", accessControl(etc).toString());
        }
        DataFiles.write(etc.resolve("config.properties"), DataFiles.properties(server));
        DataFiles.write(etc.resolve("catalog/iceberg.properties"), DataFiles.properties(iceberg(addresses)));
        DataFiles.write(
                etc.resolve("catalog/tpch.properties"),
                DataFiles.properties(Map.of("connector.name", "tpch", "tpch.splits-per-node", "2")));
        DataFiles.write(
                etc.resolve("log.properties"), DataFiles.properties(Map.of("io.trino", "WARN", "io.airlift", "WARN")));
        String url = "http://%s:%d".formatted(Ports.HOST, ports.trino());
        return ProcessSpec.of(NAME, parts.trinoServer(), "dev.firn.embedded.child.TrinoMain", home)
                .withJvmArguments(
                        // Of this, the text that tpch makes its comments of takes 300 MB.
                        "-Xmx1g",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-XX:ReservedCodeCacheSize=128M",
                        "--add-modules=jdk.incubator.vector",
                        "--sun-misc-unsafe-memory-access=allow",
                        "--enable-native-access=ALL-UNNAMED",
                        "-Djdk.attach.allowAttachSelf=true",
                        "-Duser.timezone=UTC",
                        "-Dnode.environment=local",
                        "-Dnode.id=firn",
                        "-Dnode.data-dir=" + home.resolve("data"),
                        "-Dlog.levels-file=" + etc.resolve("log.properties"),
                        "-Dconfig=" + etc.resolve("config.properties"))
                .withArguments(VERSION)
                .readyAt(url, HealthProbe.http(url + "/v1/info", "\"starting\":false"));
    }

    /// The registration service may read, [#USER] may do everything, and nobody else anything. Over plain HTTP Trino
    /// believes the name that a client gives.
    private static Path accessControl(Path etc) throws IOException {
        Path rules = etc.resolve(RULES);
        try (InputStream resource = Objects.requireNonNull(TrinoPart.class.getResourceAsStream(RULES), RULES)) {
            DataFiles.write(rules, List.of(new String(resource.readAllBytes(), StandardCharsets.UTF_8)));
        }
        Path accessControl = etc.resolve("access-control.properties");
        DataFiles.write(
                accessControl,
                DataFiles.properties(Map.of("access-control.name", "file", "security.config-file", rules.toString())));
        return accessControl;
    }

    private static Map<String, String> server(Ports ports, Path plugins) {
        return Map.ofEntries(
                Map.entry("coordinator", "true"),
                Map.entry("node-scheduler.include-coordinator", "true"),
                Map.entry("http-server.http.port", Integer.toString(ports.trino())),
                Map.entry("node.bind-ip", Ports.HOST),
                Map.entry("node.internal-address", Ports.HOST),
                Map.entry("discovery.uri", "http://%s:%d".formatted(Ports.HOST, ports.trino())),
                Map.entry("plugin.dir", plugins.toString()),
                Map.entry("query.max-memory", "300MB"),
                Map.entry("query.max-memory-per-node", "300MB"),
                Map.entry("memory.heap-headroom-per-node", "200MB"),
                // By default, Trino keeps all queries of the last 15 minutes: too many for a small heap.
                Map.entry("query.min-expire-age", "30s"),
                Map.entry("query.max-history", "20"),
                Map.entry("task.max-worker-threads", "4"),
                Map.entry("task.concurrency", "2"));
    }

    private static Map<String, String> iceberg(StackAddresses addresses) {
        return Map.ofEntries(
                Map.entry("connector.name", "iceberg"),
                Map.entry("iceberg.catalog.type", "jdbc"),
                Map.entry("iceberg.jdbc-catalog.catalog-name", StackAddresses.CATALOG),
                Map.entry("iceberg.jdbc-catalog.driver-class", "org.sqlite.JDBC"),
                Map.entry("iceberg.jdbc-catalog.connection-url", addresses.catalogUri()),
                Map.entry("iceberg.jdbc-catalog.default-warehouse-dir", addresses.warehouse()),
                Map.entry("iceberg.jdbc-catalog.schema-version", "V1"),
                // lets people try out expiry right away
                Map.entry("iceberg.expire-snapshots.min-retention", "0s"),
                Map.entry("fs.s3.enabled", "true"),
                Map.entry("s3.endpoint", addresses.s3Endpoint()),
                Map.entry("s3.region", addresses.region()),
                Map.entry("s3.path-style-access", "true"),
                Map.entry("s3.aws-access-key", addresses.accessKey()),
                Map.entry("s3.aws-secret-key", addresses.secretKey()));
    }

    /// Creates a plugin folder for Trino: links to the jars, and a jar that names the plugin class.
    private static void createPlugin(Path folder, List<String> jars, String pluginClass) throws IOException {
        DataFiles.deleteTree(folder);
        Files.createDirectories(folder);
        for (int i = 0; i < jars.size(); i++) {
            Path jar = Path.of(jars.get(i));
            Files.createSymbolicLink(folder.resolve("%03d-%s".formatted(i, jar.getFileName())), jar);
        }
        try (OutputStream file = Files.newOutputStream(folder.resolve("firn-plugin-service.jar"));
                JarOutputStream jar = new JarOutputStream(file)) {
            jar.putNextEntry(new JarEntry("META-INF/services/io.trino.spi.Plugin"));
            jar.write(pluginClass.getBytes(StandardCharsets.UTF_8));
            jar.closeEntry();
        }
    }
}
