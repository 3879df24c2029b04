package dev.firn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.firn.cli.command.ExitCode;
import dev.firn.cli.render.Json;
import dev.firn.testkit.TestStack;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// `firn inspect` of a table that Trino wrote, and of its file in S3. Needs no services of Firn.
final class InspectIT {
    @Test
    void saysWhatATableIsAndWhatAKeySkips() {
        TestStack stack = TestStack.shared();
        String schema = stack.trino().newSchema();
        String table = "iceberg.%s.customer_aggregates".formatted(schema);
        stack.trino().execute("""
                CREATE TABLE %s AS SELECT * FROM (VALUES
                  (BIGINT '1', DOUBLE '10.5', TIMESTAMP '2024-01-01 00:00:00.000000'),
                  (BIGINT '1', DOUBLE '11.5', TIMESTAMP '2024-02-01 00:00:00.000000'),
                  (BIGINT '2', DOUBLE '20.0', TIMESTAMP '2024-01-15 00:00:00.000000'))
                AS t (customer_id, avg_order_value, updated_at)""".formatted(table));
        CommandRun run = new CommandRun(
                Map.of(),
                Map.of(
                        "firn.home",
                        System.getProperty("firn.home"),
                        "firn.stack",
                        stack.folder().toString()));
        assertThat(run.execute("inspect", table, "--values", "--json"))
                .as(run.err())
                .isZero();
        JsonNode all = Json.parse(run.out());
        assertThat(all.path("data_files").asInt()).isEqualTo(1);
        assertThat(all.path("files").path(0).path("rows").asInt()).isEqualTo(3);
        assertThat(all.path("writers").properties())
                .singleElement()
                .satisfies(writer -> assertThat(writer.getKey()).contains("trino version"));
        assertThat(all.path("files").path(0).path("distrusted")).isEmpty();

        assertThat(run.execute("inspect", table, "--key", "customer_id=99", "--time", "updated_at=2024-06-01"))
                .isZero();
        assertThat(run.out()).contains("table           " + table).containsPattern("to read +0 of 1 file");

        String file = all.path("files").path(0).path("location").asText();
        assertThat(run.execute("inspect", file, "--key", "customer_id=1"))
                .as(run.err())
                .isZero();
        assertThat(run.out()).contains("rows            3 in 1 row group");

        assertThat(run.execute("inspect", table + "s")).isEqualTo(ExitCode.REFUSED.number());
        assertThat(run.err()).contains("TABLE_NOT_FOUND", "customer_aggregates");
    }
}
