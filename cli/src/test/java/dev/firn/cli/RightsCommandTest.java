package dev.firn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.firn.cli.command.ExitCode;
import dev.firn.cli.render.Json;
import dev.firn.embedded.EmbeddedStack;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Rights are printed from settings alone: nothing runs here.
final class RightsCommandTest {
    private final CommandRun run;

    RightsCommandTest(@TempDir Path empty) {
        run = new CommandRun(Map.of(), Map.of("firn.stack", empty.toString()));
    }

    @Test
    void printsTheAclsOfARoleAsCommands() {
        assertThat(run.execute("rights", "--role", "retrieval-worker", "--namespace", "acme", "--principal", "User:w"))
                .as(run.err())
                .isZero();

        assertThat(run.out().lines())
                .contains(
                        "kafka-acls.sh --bootstrap-server \"$KAFKA_BOOTSTRAP_SERVERS\" --add --allow-principal 'User:w'"
                                + " --operation DescribeConfigs --topic 'acme.feature-views'",
                        "kafka-acls.sh --bootstrap-server \"$KAFKA_BOOTSTRAP_SERVERS\" --add --allow-principal 'User:w'"
                                + " --operation Read --group 'acme.retrieval-worker'");
        assertThat(run.execute("rights", "--role", "consumer")).isZero();
        assertThat(run.out())
                .contains("--allow-principal 'User:consumer'")
                .contains("--operation Delete --group 'firn.client-' --resource-pattern-type prefixed");
    }

    @Test
    void letsTheRegistrationServiceReadTopicsWithHints() {
        String[] hints = {
            "-Dfirn.hints.sources.keeper.topic=lake.events", "-Dfirn.hints.sources.keeper.format=lakekeeper"
        };
        assertThat(run.execute("rights", "--role", "registration-service", hints[0], hints[1]))
                .isZero();
        assertThat(run.out())
                .contains("--add --allow-principal 'User:registration-service' --operation Read --topic 'lake.events'");
        assertThat(run.execute("rights", "--role", "retrieval-worker", hints[0], hints[1]))
                .isZero();
        assertThat(run.out()).doesNotContain("retrieval-worker' --operation Read --topic 'lake.events'");
    }

    @Test
    void printsAnIamPolicyWithTheConfiguredLocations() {
        assertThat(run.execute(
                        "rights",
                        "--of=s3",
                        "--role=retrieval-worker",
                        "-Dfirn.results.location=s3://out/results",
                        "-Dfirn.catalogs.iceberg.warehouse=s3://lake/tables"))
                .as(run.err())
                .isZero();

        JsonNode policy = Json.parse(run.out());
        assertThat(policy.findValuesAsText("Resource")).isNotNull();
        assertThat(run.out()).contains("arn:aws:s3:::out/results/firn/*", "arn:aws:s3:::lake/tables/*");
    }

    @Test
    void printsRulesForTrino() {
        assertThat(run.execute("rights", "--of=trino", "-Dfirn.access.schemas=iceberg.gold", "-Dfirn.trino.user=svc"))
                .as(run.err())
                .isZero();

        JsonNode table = Json.parse(run.out()).path("tables").path(0);
        assertThat(table.path("user").asText()).isEqualTo("svc");
        assertThat(table.path("schema").asText()).isEqualTo("gold");
        assertThat(table.path("privileges").toString()).isEqualTo("[\"SELECT\"]");
    }

    /// The secured stack runs Trino with these rules and one more for the user who makes tables.
    @Test
    void theStacksTrinoHasTheRulesThatArePrinted() throws IOException {
        assertThat(run.execute(
                        "rights",
                        "--of=trino",
                        "-Dfirn.trino.user=registration-service",
                        "-Dfirn.access.catalogs=iceberg,tpch"))
                .as(run.err())
                .isZero();
        JsonNode printed = Json.parse(run.out());
        JsonNode ofStack;
        try (InputStream rules = Objects.requireNonNull(EmbeddedStack.class.getResourceAsStream("trino-rules.json"))) {
            ofStack = Json.parse(new String(rules.readAllBytes(), StandardCharsets.UTF_8));
        }

        for (String kind : List.of("catalogs", "schemas", "tables", "queries")) {
            List<JsonNode> rules = new ArrayList<>();
            ofStack.path(kind).forEach(rules::add);
            assertThat(rules.removeLast().path("user").asText()).isEqualTo("firn");
            assertThat(rules).as(kind).containsExactlyElementsOf(printed.path(kind));
        }
    }

    @Test
    void namesTheRolesThereAre() {
        assertThat(run.execute("rights", "--role", "boss")).isEqualTo(ExitCode.USAGE.number());
        assertThat(run.err()).contains("boss", "deployer, producer, consumer, operator");
    }
}
