package dev.firn.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.firn.cli.command.Connection;
import dev.firn.cli.command.ExitCode;
import dev.firn.cli.events.EventSender;
import dev.firn.cli.render.Json;
import dev.firn.schemas.Topic;
import dev.firn.testkit.TestStack;
import dev.firn.testkit.Waiting;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// The commands as scripts use them, on a real stack with real services.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CommandsIT {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final String schema = TestStack.shared().trino().newSchema();
    private final String view = "customers_" + schema;
    private final RunningFirn firn = RunningFirn.find();
    private final CommandRun run = firn.commands();

    @BeforeAll
    void registerAView() {
        TestStack.shared().trino().execute("""
                        CREATE TABLE iceberg.%s.customer_aggregates AS
                        SELECT * FROM (VALUES
                          (BIGINT '1', BIGINT '3', DOUBLE '10.5', TIMESTAMP '2024-01-01 00:00:00.000000'),
                          (BIGINT '1', BIGINT '4', DOUBLE '11.5', TIMESTAMP '2024-02-01 00:00:00.000000'),
                          (BIGINT '2', BIGINT '7', DOUBLE '20.0', TIMESTAMP '2024-01-15 00:00:00.000000'))
                        AS t (customer_id, total_orders, avg_order_value, updated_at)""".formatted(schema));
        assertThat(run.in(body(view, "total_orders")).execute("register", "-"))
                .as(run.err())
                .isZero();
    }

    @AfterAll
    void stop() {
        firn.close();
    }

    @Test
    void registerPrintsNameSourceTableAndMessage() {
        String name = "printed_" + schema;
        assertThat(run.in(body(name, "total_orders")).execute("register", "-")).isZero();
        assertThat(run.out()).isEqualTo("""
                        {
                          "name": "%s",
                          "source_table": "iceberg.%s.customer_aggregates",
                          "message": "Feature view '%s' successfully registered from Iceberg %s layer with 2 features (offline store only)"
                        }
                        """.formatted(name, schema, name, schema));
    }

    @Test
    void registerReportsViolationsAndExitsWithOne() {
        assertThat(run.in(body("wrong_" + schema, "total_order")).execute("register", "-"))
                .isEqualTo(ExitCode.REFUSED.number());
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).contains("was rejected", "COLUMN_NOT_FOUND features[0].name", "total_orders");
    }

    /// Nobody serves that namespace, so nobody answers.
    @Test
    void anAnswerThatTakesTooLongExitsWithFour() {
        String unserved = "unserved-" + schema;
        if (TestStack.shared().isSecured()) {
            assertThat(run.execute("rights", "grant", "--namespace", unserved))
                    .as(run.err())
                    .isZero();
        }
        assertThat(run.execute("topics", "create", "--namespace", unserved))
                .as(run.err())
                .isZero();

        assertThat(run.in(body("late_" + schema, "total_orders"))
                        .execute("register", "-", "--namespace", unserved, "--timeout", "1s"))
                .isEqualTo(ExitCode.TIMED_OUT.number())
                .isEqualTo(4);
    }

    /// Nobody has rights in a namespace that was never granted.
    @Test
    void namesTheRightThatIsMissing() {
        Assumptions.assumeTrue(TestStack.shared().isSecured(), "the stack's broker has no authorizer");
        String hidden = "hidden-" + schema;

        assertThat(run.execute("views", "--namespace", hidden)).isEqualTo(ExitCode.NOT_REACHABLE.number());
        assertThat(run.err()).contains("User:client may not READ topic " + hidden + ".feature-views");
        assertThat(run.execute("dead-letters", "--namespace", hidden)).isEqualTo(ExitCode.NOT_REACHABLE.number());
        assertThat(run.err()).contains("User:operator may not READ topic " + hidden + ".dead-letters");
        assertThat(run.execute("topics", "create", "--namespace", hidden)).isEqualTo(ExitCode.NOT_REACHABLE.number());
        assertThat(run.err()).contains("User:deployer may not DESCRIBE topic " + hidden + ".dead-letters");
        try (EventSender sender = new EventSender(firn.connectionTo(hidden))) {
            assertThatThrownBy(() -> sender.send(new ProducerRecord<>(hidden + ".table-hints", new byte[] {1})))
                    .hasMessageContaining("User:client may not WRITE topic " + hidden + ".table-hints");
        }
    }

    @Test
    void viewsListsViewsAndShowsTheDataPath() {
        assertThat(run.execute("views")).isZero();
        assertThat(run.out()).contains(view, "total_orders, avg_order_value");
        assertThat(run.execute("views", view)).isZero();
        assertThat(run.out()).contains("s3://lake/iceberg/" + schema, "/data/*.parquet");
        assertThat(run.execute("views", "nobody_" + schema)).isEqualTo(ExitCode.NOT_FOUND.number());
    }

    @Test
    void feastInitWritesTheViewsAndKeepsWhatOthersChanged(@TempDir Path folder) throws IOException {
        Path repository = folder.resolve("feast_repo");
        assertThat(run.execute("feast", "init", repository.toString(), "--project", "churn"))
                .as(run.err())
                .isZero();
        Path yaml = repository.resolve("feature_store.yaml");
        Path views = repository.resolve("firn_views.py");
        assertThat(yaml).content().contains("project: \"churn\"", "type: firn.feast.FirnOfflineStore");
        assertThat(views).content().contains("firn_view=\"%s\"".formatted(view), "table=\"iceberg." + schema);

        Files.writeString(yaml, "project: mine\n");
        Files.writeString(views, Files.readString(views) + "mine = 1\n");
        assertThat(run.execute("feast", "init", repository.toString(), "--json"))
                .isEqualTo(ExitCode.REFUSED.number());
        assertThat(Json.parse(run.out()).path("files").path("firn_views.py").asText())
                .isEqualTo("kept");
        assertThat(yaml).hasContent("project: mine");
        assertThat(views).content().endsWith("mine = 1\n");

        assertThat(run.execute("feast", "init", repository.toString(), "--project", "churn", "--force"))
                .as(run.err())
                .isZero();
        assertThat(yaml).content().contains("project: \"churn\"");
        assertThat(views).content().doesNotContain("mine = 1");
    }

    @Test
    void dropRemovesAView() {
        String name = "dropped_" + schema;
        assertThat(run.in(body(name, "total_orders")).execute("register", "-")).isZero();
        assertThat(run.execute("drop", name)).as(run.err()).isZero();
        assertThat(run.execute("views")).isZero();
        assertThat(run.out()).doesNotContain(name);
        assertThat(run.execute("drop", "nobody_" + schema)).isEqualTo(ExitCode.NOT_FOUND.number());
        assertThat(run.out()).isEmpty();
        assertThat(run.execute("drop", view + "x")).isEqualTo(ExitCode.NOT_FOUND.number());
        assertThat(run.err()).contains("did you mean '" + view + "'?");
        assertThat(run.execute("views", view + "x")).isEqualTo(ExitCode.NOT_FOUND.number());
        assertThat(run.err()).contains("did you mean '" + view + "'?");
    }

    @Test
    void dropSaysWhatItSuspends() {
        String name = "read_" + schema;
        String id = "reader-" + schema;
        assertThat(run.in(body(name, "total_orders")).execute("register", "-")).isZero();
        assertThat(run.execute("retrieve", "--all", "-f", name + ":*", "--standing", id))
                .as(run.err())
                .isZero();

        assertThat(run.execute("drop", name, "--dry-run")).as(run.err()).isZero();
        assertThat(run.err()).contains("This would suspend these standing retrievals: " + id);
        assertThat(run.execute("views", name)).isZero();
        assertThat(run.execute("drop", name)).as(run.err()).isZero();
        assertThat(run.err()).contains("Suspended standing retrievals: " + id);
        assertThat(run.execute("standing", "cancel", id)).as(run.err()).isZero();
        assertThat(run.execute("standing", "cancel", id)).isEqualTo(ExitCode.NOT_FOUND.number());
        assertThat(run.err()).contains("was cancelled at ");
    }

    @Test
    void retrieveCopiesFilesAndPinsRepeatTheResult(@TempDir Path out) {
        String id = "first-" + schema;
        assertThat(retrieve("--request-id", id, "--wait", "--out", out.toString()))
                .as(run.err())
                .isZero();
        assertThat(out).isDirectoryContaining("glob:**.parquet");
        JsonNode first = Json.parse(run.out());
        assertThat(first.path("rows").asLong()).isEqualTo(3);
        assertThat(retrieve("--pins", id)).as(run.err()).isZero();
        JsonNode again = Json.parse(run.out());
        assertThat(again.path("request_id").asText()).isNotEqualTo(id);
        assertThat(again.path("content_digest").asText())
                .isNotEmpty()
                .isEqualTo(first.path("content_digest").asText());

        assertThat(run.execute("results", id)).isZero();
        assertThat(run.out()).contains("3 rows in 1 file", "11.5");
        assertThat(run.execute("results", id, "--python")).isZero();
        assertThat(run.out()).contains("pd.read_parquet(\"s3://lake/results/");
        assertThat(run.execute("trace", id)).isZero();
        assertThat(run.out()).contains("retrieval-requests/", "SUCCEEDED in attempt 1", "_manifest.json");
        assertThat(run.execute("trace", "unheard-of-" + schema)).isEqualTo(ExitCode.NOT_FOUND.number());
    }

    @Test
    void cancelEndsAnIdForGoodUnlessItHasAnOutcome() {
        String id = "cancelled-" + schema;
        assertThat(run.execute("cancel", id, "--reason", "wrong month"))
                .as(run.err())
                .isZero();
        assertThat(run.out()).contains("'%s' was cancelled: wrong month".formatted(id));
        assertThat(retrieve("--request-id", id)).isEqualTo(ExitCode.REFUSED.number());
        assertThat(Json.parse(run.out()).path("code").asText()).isEqualTo("CANCELLED");
        assertThat(run.execute("trace", id)).isZero();
        assertThat(run.out()).contains("retrieval-commands/", "CANCEL " + id + " wrong month");

        String done = "done-" + schema;
        assertThat(retrieve("--request-id", done)).as(run.err()).isZero();
        assertThat(run.execute("cancel", done)).isEqualTo(ExitCode.REFUSED.number());
        assertThat(run.err()).contains("had an outcome before it could be cancelled");
        assertThat(run.out()).contains("3 rows in 1 file");
        assertThat(run.execute("cancel", done, "--json")).isEqualTo(ExitCode.REFUSED.number());
        assertThat(Json.parse(run.out()).path("status").asText()).isEqualTo("SUCCEEDED");
    }

    @Test
    void aRetrievalPastItsDeadlineFails() {
        assertThat(retrieve("--deadline", "2024-03-01")).isEqualTo(ExitCode.REFUSED.number());
        assertThat(Json.parse(run.out()).path("code").asText()).isEqualTo("DEADLINE_EXCEEDED");
        assertThat(retrieve("--deadline", "1h")).as(run.err()).isZero();
    }

    /// The file is uploaded once, under the name of its content: to its pins it is the same spine.
    @Test
    void pinsRepeatARetrievalOfALocalFile(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("labels.csv"), """
                        customer_id,event_timestamp,churned
                        1,2024-01-20T00:00:00Z,1
                        2,2024-01-20T00:00:00Z,0
                        """);
        String id = "labels-" + schema;
        String[] command = {"retrieve", "--json", "--spine", file.toString(), "--infer", "-f", view + ":*"};
        assertThat(run.execute(with(command, "--request-id", id))).as(run.err()).isZero();
        assertThat(run.err()).contains("Inferred: --column-type churned=int64");
        String digest = Json.parse(run.out()).path("content_digest").asText();

        assertThat(run.execute(with(command, "--pins", id))).as(run.err()).isZero();
        assertThat(Json.parse(run.out()).path("content_digest").asText()).isEqualTo(digest);
        assertThat(run.execute("retrieve", "--json", "--pins", id))
                .as(run.err())
                .isZero();
        assertThat(Json.parse(run.out()).path("content_digest").asText()).isEqualTo(digest);
        assertThat(run.execute("retrieve", "--pins", "unheard-of-" + schema)).isEqualTo(ExitCode.NOT_FOUND.number());
    }

    private static String[] with(String[] arguments, String... more) {
        return Stream.of(arguments, more).flatMap(Arrays::stream).toArray(String[]::new);
    }

    @Test
    void retrieveSuggestsTheNearestFeatureAndExitsWithOne() {
        assertThat(run.execute("retrieve", "--ids", "customer_id=1", "-f", view + ":total_order"))
                .isEqualTo(ExitCode.REFUSED.number());
        assertThat(run.err())
                .contains("UNKNOWN_FEATURE --features: ", "total_orders", "./firn trace ")
                .doesNotContain("\tat ");
    }

    @Test
    void aStandingRetrievalIsCreatedListedAndCancelled() {
        String id = "standing-" + schema;
        assertThat(retrieve("--standing", id)).as(run.err()).isZero();
        assertThat(Json.parse(run.out()).path("standing_id").asText()).isEqualTo(id);
        assertThat(retrieve("--standing", id, "--timeout", "30s"))
                .as("the same request again, which starts no run: %s", run.err())
                .isZero();
        assertThat(Json.parse(run.out()).path("status").asText()).isEqualTo("CREATED");
        assertThat(run.execute("standing")).isZero();
        assertThat(run.out()).contains(id, "ACTIVE");
        assertThat(run.execute("standing", "cancel", id)).as(run.err()).isZero();
        assertThat(run.execute("standing")).isZero();
        assertThat(run.out()).doesNotContain(id);
        assertThat(run.execute("standing", "cancel", "nobody-" + schema)).isEqualTo(ExitCode.NOT_FOUND.number());
    }

    @Test
    void traceNamesTheCommitThatCausedARun() {
        String name = "traced_" + schema;
        String id = "traced-" + schema;
        TestStack.shared().trino().execute("""
                        CREATE TABLE iceberg.%1$s.%2$s AS
                        SELECT BIGINT '1' AS customer_id, BIGINT '3' AS total_orders, DOUBLE '1.5' AS avg_order_value,
                               TIMESTAMP '2024-01-01 00:00:00.000000' AS updated_at""".formatted(schema, name));
        assertThat(run.in(body(name, "total_orders").replace("customer_aggregates", name))
                        .execute("register", "-"))
                .as(run.err())
                .isZero();
        assertThat(run.execute("retrieve", "--all", "-f", name + ":*", "--standing", id))
                .as(run.err())
                .isZero();

        TestStack.shared()
                .trino()
                .execute("INSERT INTO iceberg.%1$s.%2$s SELECT * FROM iceberg.%1$s.%2$s".formatted(schema, name));

        Waiting.until(
                LIMIT,
                () -> {
                    assertThat(run.execute("trace", id)).isZero();
                    return run.out()
                            .contains("cause: %2$s: APPEND to iceberg.%1$s.%2$s, snapshot ".formatted(schema, name));
                },
                "a run with its cause");
        assertThat(run.execute("standing", "cancel", id)).as(run.err()).isZero();
    }

    @Test
    void aDeadLetterIsListedAndReplayed() {
        String key = "garbage-" + schema;
        Connection connection = firn.connection();
        try (EventSender sender = new EventSender(connection)) {
            sender.send(new ProducerRecord<>(
                    connection.namespace().topic(Topic.RETRIEVAL_REQUESTS),
                    key.getBytes(StandardCharsets.UTF_8),
                    "no Avro".getBytes(StandardCharsets.UTF_8)));
        }
        JsonNode letter = letter(key, false);
        assertThat(run.execute("dead-letters")).isZero();
        assertThat(run.out()).contains(key);
        assertThat(run.execute("dead-letters", "replay", letter.path("letter").asText()))
                .as(run.err())
                .isZero();
        assertThat(letter(key, true).path("value_base64").asText())
                .isEqualTo(letter.path("value_base64").asText());
        assertThat(run.execute("dead-letters", "replay", "99-99")).isEqualTo(ExitCode.NOT_FOUND.number());
    }

    private JsonNode letter(String key, boolean replayed) {
        return Waiting.forValue(
                LIMIT,
                () -> {
                    assertThat(run.execute("dead-letters", "--json")).isZero();
                    return StreamSupport.stream(Json.parse(run.out()).spliterator(), false)
                            .filter(letter -> letter.path("key").asText().equals(key))
                            .filter(letter -> letter.path("headers").has("firn-replayed-from") == replayed)
                            .findFirst();
                },
                "a dead letter of " + key);
    }

    private int retrieve(String... more) {
        String[] arguments = new String[more.length + 6];
        arguments[0] = "retrieve";
        arguments[1] = "--json";
        arguments[2] = "--ids";
        arguments[3] = "customer_id=1,2,3";
        arguments[4] = "--features";
        arguments[5] = view + ":*";
        System.arraycopy(more, 0, arguments, 6, more.length);
        return run.execute(arguments);
    }

    private String body(String name, String firstFeature) {
        return """
                {"name": "%s",
                 "entities": ["customer_id"],
                 "features": [
                   {"name": "%s", "dtype": "int64"},
                   {"name": "avg_order_value", "dtype": "float64"}],
                 "source": {"catalog": "iceberg", "schema": "%s", "table_name": "customer_aggregates",
                            "timestamp_field": "updated_at"},
                 "online": false}""".formatted(name, firstFeature, schema);
    }
}
