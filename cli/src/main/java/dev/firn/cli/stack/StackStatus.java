package dev.firn.cli.stack;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.firn.cli.command.StackProperties;
import dev.firn.cli.render.Console;
import dev.firn.cli.render.Json;
import dev.firn.cli.render.TextTable;
import dev.firn.embedded.KafkaAccess;
import dev.firn.embedded.PartStatus;
import dev.firn.embedded.StackAddresses;
import dev.firn.embedded.StackUser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// What runs in a stack's folder, for people, programs and shells.
record StackStatus(Path folder, StackAddresses addresses, List<PartStatus> parts, String namespace) {
    private static final String PYICEBERG =
            "PYICEBERG_CATALOG__%s__".formatted(StackAddresses.CATALOG.toUpperCase(Locale.ROOT));

    StackStatus {
        parts = List.copyOf(parts);
    }

    boolean isHealthy() {
        return !parts.isEmpty() && parts.stream().allMatch(PartStatus::healthy);
    }

    /// Whether any part runs. The addresses and secrets of a stack that is stopped are of no use.
    boolean isAlive() {
        return parts.stream().anyMatch(PartStatus::alive);
    }

    void show(Console console) {
        TextTable table = new TextTable("part", "health", "pid", "address").keepLastColumnWhole();
        for (PartStatus status : parts) {
            table.row(
                    status.part().name(),
                    health(status),
                    status.part().pid(),
                    status.part().address());
        }
        console.answer(table);
        console.answer("");
        console.answer("  Kafka             " + addresses.bootstrapServers() + logins());
        console.answer("  schema registry   " + addresses.schemaRegistryUrl());
        console.answer("  Trino             " + addresses.trinoJdbcUrl() + " as " + addresses.trinoUser());
        console.answer("  S3                %s  key %s  secret %s"
                .formatted(addresses.s3Endpoint(), addresses.accessKey(), addresses.secretKey()));
        console.answer("  Iceberg           %s  %s".formatted(addresses.catalogUri(), addresses.warehouse()));
        gateway().ifPresent(url -> {
            console.answer("  Firn over HTTP    %s  description at %s/docs/".formatted(url, url));
            console.answer("  pages             %s/ui/".formatted(url));
        });
        parts.stream()
                .map(PartStatus::part)
                .filter(part -> FirnService.isService(part.name()))
                .forEach(service -> console.answer(
                        "  %-20s  %2$s/health  %2$s/metrics".formatted(service.name(), service.address())));
        console.answer("  data and logs     " + folder);
    }

    ObjectNode json() {
        ObjectNode json = Json.object()
                .put("folder", folder.toString())
                .put("healthy", isHealthy())
                .put("namespace", namespace);
        ArrayNode all = json.putArray("parts");
        for (PartStatus status : parts) {
            ObjectNode part = all.addObject()
                    .put("name", status.part().name())
                    .put("address", status.part().address())
                    .put("pid", status.part().pid())
                    .put("alive", status.alive())
                    .put("healthy", status.healthy())
                    .put("fault", status.fault())
                    .put("folder", status.part().folder())
                    .put("log", status.part().log());
            ObjectNode credentials = part.putObject("credentials");
            new TreeMap<>(status.part().credentials()).forEach(credentials::put);
        }
        ObjectNode environment = json.putObject("environment");
        environment().forEach(environment::put);
        return json;
    }

    /// Variables with which Firn's services and clients in any language find this stack.
    Map<String, String> environment() {
        Map<String, String> variables = new TreeMap<>(addresses.environment());
        variables.put("FIRN_NAMESPACE", namespace);
        variables.put("FIRN_KAFKA_BOOTSTRAP_SERVERS", addresses.bootstrapServers());
        variables.put("FIRN_SCHEMA_REGISTRY_URL", addresses.schemaRegistryUrl());
        variables.put("FIRN_S3_ENDPOINT", addresses.s3Endpoint());
        variables.put("FIRN_S3_PATH_STYLE_ACCESS", "true");
        KafkaAccess kafka = addresses.kafkaAccess();
        if (kafka.isSecured()) {
            variables.put("KAFKA_SASL_MECHANISM", KafkaAccess.MECHANISM);
            variables.put("KAFKA_USERNAME", StackUser.CLIENT.userName());
            variables.put("KAFKA_PASSWORD", kafka.password(StackUser.CLIENT));
            variables.put("KAFKA_CERTIFICATE", kafka.certificate());
        }
        variables.putAll(lakeVariables());
        gateway().ifPresent(url -> variables.put("FIRN_GATEWAY_URL", url));
        Path settings = StackProperties.file(folder, namespace);
        if (Files.exists(settings)) {
            variables.put("FIRN_CONFIG", settings.toString());
        }
        return variables;
    }

    /// With these, s3fs, PyArrow, pandas, Polars and boto3 read `s3://`, and PyIceberg's catalog `iceberg` is the
    /// stack's.
    private Map<String, String> lakeVariables() {
        Map<String, String> variables = new TreeMap<>();
        variables.put("AWS_ENDPOINT_URL_S3", addresses.s3Endpoint());
        variables.put("AWS_DEFAULT_REGION", addresses.region());
        variables.put("AWS_ALLOW_HTTP", "true");
        variables.put(PYICEBERG + "TYPE", "sql");
        variables.put(PYICEBERG + "URI", sqliteUrl(addresses.catalogUri()));
        variables.put(PYICEBERG + "WAREHOUSE", addresses.warehouse());
        variables.put(PYICEBERG + "S3__ENDPOINT", addresses.s3Endpoint());
        variables.put(PYICEBERG + "S3__REGION", addresses.region());
        return variables;
    }

    /// SQLAlchemy's form of a JDBC URL, without the driver's parameters.
    private static String sqliteUrl(String jdbc) {
        return jdbc.replaceFirst("^jdbc:sqlite:", "sqlite:///").replaceFirst("\\?.*", "");
    }

    private Optional<String> gateway() {
        return namespace.isEmpty() ? Optional.empty() : Services.gatewayUrl(folder, namespace);
    }

    private String logins() {
        KafkaAccess kafka = addresses.kafkaAccess();
        return kafka.isSecured()
                ? "  SASL_SSL, certificate %s, users %s/*.properties"
                        .formatted(
                                kafka.certificate(),
                                kafka.credentialsFile(StackUser.CLIENT).getParent())
                : "";
    }

    private static String health(PartStatus status) {
        if (status.healthy()) {
            return "healthy";
        }
        return status.alive() ? status.fault() : "not running";
    }
}
