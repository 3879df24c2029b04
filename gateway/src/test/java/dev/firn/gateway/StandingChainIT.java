package dev.firn.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.firn.schemas.Code;
import dev.firn.testkit.TextTable;
import dev.firn.testkit.Waiting;
import dev.firn.testkit.WithStack;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// From one standing retrieval to the next, on real parts: the target table of the first one has a view, and the second
/// one reads that.
@WithStack
final class StandingChainIT {
    private static GatewayStack stack;
    private static GatewayRuntime gateway;
    private static Http http;

    @BeforeAll
    static void start() {
        stack = GatewayStack.shared();
        gateway = stack.gateway();
        http = Http.to(gateway.port());
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @Test
    void aCommitReachesTheStandingRetrievalThatReadsTheTargetOfAnother() {
        stack.trino.createTable(
                table("chain_source"),
                "customer_id bigint, updated_at timestamp(6) with time zone, orders bigint",
                TextTable.of("""
                        customer_id | updated_at              | orders
                        1           | 2026-01-01 00:00:00 UTC | 10
                        """));
        register("chain_source", "updated_at");
        create("chain-first", "chain_source", "chain_first");
        JsonNode first = awaited("chain-first", run -> run.path("last_target").isObject());
        assertThat(first.path("last_target").path("status").asText())
                .as(first.toString())
                .isEqualTo("COMMITTED");
        register("chain_first", "event_timestamp");
        create("chain-second", "chain_first", "chain_second");
        assertThat(orders("chain-second", "10")).isEqualTo("[[1,\"2026-06-01T00:00:00Z\",10]]");

        stack.trino.insert(table("chain_source"), TextTable.of("""
                        customer_id | updated_at              | orders
                        1           | 2026-02-01 00:00:00 UTC | 11
                        """));
        assertThat(orders("chain-second", "11")).isEqualTo("[[1,\"2026-06-01T00:00:00Z\",11]]");

        register("chain_second", "event_timestamp");
        create("chain-first", "chain_second", "chain_first");
        JsonNode refused =
                awaited("chain-first", run -> run.path("suspended_by").asText().equals("REQUEST"));
        assertThat(refused.path("reasons").path(0).path("code").asText())
                .as(refused.toString())
                .isEqualTo(Code.TARGET_IS_INPUT.name());
        http.delete("/standing/chain-first");
        http.delete("/standing/chain-second");
    }

    private static String table(String name) {
        return "iceberg.%s.%s".formatted(stack.schema, name);
    }

    /// A view of the table of the same name.
    private static void register(String view, String timestamp) {
        Http.Answer answer = http.post("/feast/features", """
                {"name": "%s", "entities": ["customer_id"], "features": [{"name": "orders", "dtype": "int64"}],
                 "source": {"catalog": "iceberg", "schema": "%s", "table_name": "%s", "timestamp_field": "%s"},
                 "online": false}
                """.formatted(view, stack.schema, view, timestamp));
        assertThat(answer.status()).as(answer.text()).isIn(200, 201);
    }

    private static void create(String standing, String view, String target) {
        Http.Answer answer = http.put("/standing/" + standing, """
                {"features": ["%s:orders"], "target": "%s",
                 "spine": {"kind": "ROWS", "columns": ["customer_id", "event_timestamp"],
                           "rows": [["1", "2026-06-01T00:00:00Z"]]}}
                """.formatted(view, table(target)));
        assertThat(answer.status()).as(answer.text()).isIn(200, 201);
    }

    private static JsonNode awaited(String standing, Predicate<JsonNode> condition) {
        AtomicReference<JsonNode> last = new AtomicReference<>();
        Waiting.until(
                GatewayStack.LIMIT,
                () -> {
                    last.set(http.get("/standing/" + standing).json());
                    return condition.test(Objects.requireNonNull(last.get()));
                },
                "what becomes of " + standing);
        return Objects.requireNonNull(last.get());
    }

    /// The rows of the standing retrieval's last run, once they hold the number.
    private static String orders(String standing, String number) {
        AtomicReference<String> rows = new AtomicReference<>("");
        Waiting.until(
                GatewayStack.LIMIT,
                () -> {
                    String run = http.get("/standing/" + standing)
                            .json()
                            .path("last_run_id")
                            .asText();
                    rows.set(http.get("/retrievals/%s/rows".formatted(run))
                            .json()
                            .path("rows")
                            .toString());
                    return Objects.requireNonNull(rows.get()).contains("," + number + "]");
                },
                "%s with %s orders".formatted(standing, number));
        return Objects.requireNonNull(rows.get());
    }
}
