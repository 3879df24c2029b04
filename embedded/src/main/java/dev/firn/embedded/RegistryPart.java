package dev.firn.embedded;

import java.nio.file.Path;
import java.util.Map;

/// Apicurio Registry, which keeps its data in an H2 file.
final class RegistryPart {
    static final String NAME = "registry";

    private RegistryPart() {}

    static ProcessSpec process(Path folder, PartJars parts, Ports ports) {
        Path home = folder.resolve(NAME);
        return ProcessSpec.of(NAME, parts.registry(), "io.quarkus.bootstrap.runner.QuarkusEntryPoint", home)
                .withJvmArguments(
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "--add-opens=java.base/java.lang=ALL-UNNAMED",
                        "--enable-native-access=ALL-UNNAMED")
                .withEnvironment(Map.of(
                        "QUARKUS_HTTP_HOST",
                        Ports.HOST,
                        "QUARKUS_HTTP_PORT",
                        Integer.toString(ports.registry()),
                        "QUARKUS_MANAGEMENT_HOST",
                        Ports.HOST,
                        "QUARKUS_MANAGEMENT_PORT",
                        Integer.toString(ports.registryManagement()),
                        "APICURIO_DATASOURCE_URL",
                        "jdbc:h2:file:" + home.resolve("registry")))
                .readyAt(
                        url(ports),
                        HealthProbe.http(
                                "http://%s:%d/health/ready".formatted(Ports.HOST, ports.registryManagement())));
    }

    static String url(Ports ports) {
        return "http://%s:%d/apis/ccompat/v7".formatted(Ports.HOST, ports.registry());
    }
}
