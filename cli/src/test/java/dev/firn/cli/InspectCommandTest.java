package dev.firn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.firn.cli.command.ExitCode;
import dev.firn.cli.render.Json;
import dev.firn.engine.LongColumn;
import dev.firn.lake.parquet.ColumnTasks;
import dev.firn.lake.parquet.ParquetResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `firn inspect` of a local file, which needs no Firn that runs.
final class InspectCommandTest {
    private final CommandRun run = new CommandRun();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private String file = "";

    @BeforeEach
    void write() {
        Path path = folder.resolve("spine.parquet");
        Schema schema = new Schema(
                NestedField.required(1, "customer_id", Types.LongType.get()),
                NestedField.optional(2, "ts", Types.TimestampType.withZone()));
        try (ColumnTasks alone = new ColumnTasks(1);
                ParquetResult result =
                        ParquetResult.create(org.apache.iceberg.Files.localOutput(path.toFile()), schema, alone)) {
            long[] ids = LongStream.range(0, 200).toArray();
            long[] times = LongStream.range(0, 200)
                    .map(i -> 1_700_000_000_000_000L + i)
                    .toArray();
            result.write(List.of(LongColumn.of(ids), LongColumn.of(times)), 0, ids.length);
            result.finish();
        }
        file = path.toString();
    }

    @Test
    void aFileIsDescribed() {
        assertThat(run.execute("inspect", file, "--values")).as(run.err()).isZero();
        assertThat(run.out())
                .contains("file            " + file, "format version  1", "rows            200 in 1 row group")
                .containsPattern("customer_id +INT64 +\\w+ +\\d+ +1?\\d+ +0 ")
                .contains("INT64 TIMESTAMP(MICROS,true)", "Nothing is distrusted or refused.")
                .doesNotContain("skipped");
    }

    @Test
    void aKeySaysWhatIsSkipped() {
        assertThat(run.execute("inspect", file, "--key", "customer_id=7")).isZero();
        assertThat(run.out()).containsPattern("to read +200 of 200 rows");

        assertThat(run.execute("inspect", file, "--key", "customer_id=700")).isZero();
        assertThat(run.out()).containsPattern("statistics +0 +1 +0").containsPattern("to read +0 of 200 rows");

        assertThat(run.execute("inspect", file, "--time", "ts=2023-11-14")).isZero();
        assertThat(run.out()).containsPattern("to read +0 of 200 rows");
        assertThat(run.execute("inspect", file, "--time", "ts=2023-11-14..2023-11-15"))
                .isZero();
        assertThat(run.out()).containsPattern("to read +200 of 200 rows");
    }

    @Test
    void jsonHasTheSameFacts() {
        assertThat(run.execute("inspect", file, "--json", "--key", "customer_id=700"))
                .isZero();
        JsonNode json = Json.parse(run.out());
        assertThat(json.path("rows").asLong()).isEqualTo(200);
        assertThat(json.path("rows_to_read").asLong(-1)).isZero();
        assertThat(json.path("skipped").path("statistics").path("row_groups").asInt())
                .isEqualTo(1);
        assertThat(json.path("columns").path(0).path("path").asText()).isEqualTo("customer_id");
        assertThat(json.path("columns")
                        .path(0)
                        .path("row_groups_with")
                        .path("statistics")
                        .asInt())
                .isEqualTo(1);
        assertThat(json.path("distrusted").isArray()).isTrue();
        assertThat(json.path("refused").isEmpty()).isTrue();
    }

    @Test
    void aFileThatIsNotParquetIsRefusedWithItsCode() throws IOException {
        Path text = Files.writeString(folder.resolve("text.parquet"), "customer_id,ts\n1,2\n");
        assertThat(run.execute("inspect", text.toString(), "--json")).isEqualTo(ExitCode.REFUSED.number());
        assertThat(run.err()).startsWith("firn: SPINE_UNREADABLE: ").contains("text.parquet");
        assertThat(Json.parse(run.out()).path("error").path("code").asText()).isEqualTo("REFUSED");
    }

    @Test
    void whatIsWrittenWrongIsExplained() {
        wrong("File not found: missing.parquet", "missing.parquet");
        wrong("'gold' is neither a file nor a table; a table is catalog.schema.table", "gold");
        wrong("--snapshot and --ref are for tables, and " + file + " is a file", file, "--ref", "main");
        wrong("there is no column 'customer_i'; did you mean 'customer_id'?", file, "--key", "customer_i=1");
        wrong(
                "--key must be a column and a value, such as customer_id=42, not 'customer_id'",
                file,
                "--key",
                "customer_id");
        wrong("--key names column 'a' twice", file, "--key", "a=1", "--key", "a=2");
        wrong("'x' is not a value of column 'customer_id', which has type long", file, "--key", "customer_id=x");
        wrong("--time: 'noon' must be a time such as 2024-03-01 or 2024-03-01T09:00:00Z", file, "--time", "ts=noon");
        wrong("--files must be at least 0, not -1", "a.b.c", "--files", "-1");
    }

    private void wrong(String message, String... arguments) {
        String[] all = new String[arguments.length + 1];
        all[0] = "inspect";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        assertThat(run.execute(all)).as(message).isEqualTo(ExitCode.USAGE.number());
        assertThat(run.err()).isEqualTo("firn: %s%n".formatted(message));
    }
}
