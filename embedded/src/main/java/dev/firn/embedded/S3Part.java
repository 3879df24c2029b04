package dev.firn.embedded;

import java.nio.file.Path;
import java.util.Map;

/// The S3 server, which keeps its buckets in a folder and makes conditional PUTs atomic.
final class S3Part {
    static final String NAME = "s3";
    static final String ACCESS_KEY = "firn";
    static final String REGION = "us-east-1";

    private S3Part() {}

    static ProcessSpec process(Path folder, PartJars parts, Ports ports, String secretKey) {
        Path home = folder.resolve(NAME);
        return ProcessSpec.of(NAME, parts.s3(), "dev.firn.s3.S3Server", home)
                .withJvmArguments("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
                .withEnvironment(Map.of(
                        "FIRN_S3_FOLDER",
                        home.toString(),
                        "FIRN_S3_PORT",
                        Integer.toString(ports.s3()),
                        "FIRN_S3_ACCESS_KEY",
                        ACCESS_KEY,
                        "FIRN_S3_SECRET_KEY",
                        secretKey,
                        "FIRN_S3_BUCKET",
                        StackAddresses.BUCKET))
                .withCredentials(Map.of("accessKey", ACCESS_KEY, "secretKey", secretKey))
                .readyAt(endpoint(ports), HealthProbe.http(endpoint(ports) + "/healthz"));
    }

    static String endpoint(Ports ports) {
        return "http://%s:%d".formatted(Ports.HOST, ports.s3());
    }
}
