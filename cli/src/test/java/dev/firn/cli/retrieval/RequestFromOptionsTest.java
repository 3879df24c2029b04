package dev.firn.cli.retrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.entry;

import dev.firn.cli.RegisteredViews;
import dev.firn.cli.command.CommandContext;
import dev.firn.cli.command.CommandFailure;
import dev.firn.cli.command.ExitCode;
import dev.firn.cli.render.Console;
import dev.firn.events.FeatureView;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import dev.firn.schemas.Limits;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

final class RequestFromOptionsTest {
    private static final String FEATURES = "-f customer_features:total_orders";
    private static final FeatureView CUSTOMERS = RegisteredViews.view("customer_features", "customer_id");

    private final StringWriter notes = new StringWriter();

    @Test
    void combinesIdsOfACompositeKey() {
        RetrievalRequest request = request("--ids order=1,12 --ids line=23,3 " + FEATURES);
        assertThat(request.getSpine().getKind()).isEqualTo(SpineKind.IDS);
        assertThat(request.getSpine().getColumns()).containsExactly("order", "line");
        assertThat(request.getSpine().getRows()).containsExactly(List.of("1", "23"), List.of("12", "3"));
    }

    @Test
    void appendsRepeatedIdsOfOneKey() {
        assertThat(request("--ids id=1,2 --ids id=3 " + FEATURES).getSpine().getRows())
                .containsExactly(List.of("1"), List.of("2"), List.of("3"));
    }

    /// As in a line of CSV.
    @Test
    void idsWithCommasAndQuotesAreQuoted() {
        assertThat(request("--ids id=\"x,y\",z,\"say\u00a0\"\"hi\"\"\",it's,,\"\" " + FEATURES)
                        .getSpine()
                        .getRows())
                .containsExactly(
                        List.of("x,y"),
                        List.of("z"),
                        List.of("say\u00a0\"hi\""),
                        List.of("it's"),
                        Arrays.asList((String) null),
                        List.of(""));
        assertThat(request("--ids id= " + FEATURES).getSpine().getRows()).containsExactly(Arrays.asList((String) null));
        assertThat(request("--ids id=a=b " + FEATURES).getSpine().getRows()).containsExactly(List.of("a=b"));
    }

    @Test
    void readsRowsFromCsvWithEmptyValuesAsNullAndQuotedOnesAsText() {
        RetrievalRequest request = request("--rows rows.csv " + FEATURES);
        assertThat(request.getSpine().getKind()).isEqualTo(SpineKind.ROWS);
        assertThat(request.getSpine().getColumns()).containsExactly("customer_id", "event_timestamp");
        assertThat(request.getSpine().getRows())
                .containsExactly(
                        List.of("007", "2024-03-01T00:00:00Z"),
                        Arrays.asList(null, "2024-03-02T00:00:00Z"),
                        List.of("", "2024-03-03T00:00:00Z"),
                        List.of("\"", "2024-03-04T00:00:00Z"));
    }

    /// Spreadsheets write one into "CSV UTF-8".
    @Test
    void skipsAByteOrderMark() {
        assertThat(request("--rows marked.csv " + FEATURES).getSpine().getColumns())
                .containsExactly("customer_id");
    }

    @Test
    void recognisesParquetAndCsvByName() {
        assertThat(request("--spine s3://lake/spines/a.csv " + FEATURES)
                        .getSpine()
                        .getKind())
                .isEqualTo(SpineKind.CSV);
        assertThat(request("--spine s3://lake/spines/ " + FEATURES).getSpine().getKind())
                .isEqualTo(SpineKind.PARQUET);
        assertThat(request("--spine s3://lake/spines/x --spine-kind csv " + FEATURES)
                        .getSpine()
                        .getKind())
                .isEqualTo(SpineKind.CSV);
    }

    @Test
    void uploadsALocalFile() {
        assertThat(request("--spine spine.parquet " + FEATURES).getSpine().getLocations())
                .containsExactly("s3://lake/uploaded/spine.parquet");
    }

    @Test
    void readsATableAtASnapshot() {
        RetrievalRequest request = request("--spine-table iceberg.gold.spine --spine-snapshot 42 " + FEATURES);
        assertThat(request.getSpine().getKind()).isEqualTo(SpineKind.TABLE);
        assertThat(request.getSpine().getTable()).isEqualTo("iceberg.gold.spine");
        assertThat(request.getSpine().getSnapshotId()).isEqualTo(42);
    }

    @Test
    void retainsSnapshotsOnlyWhenAsked() {
        assertThat(request("--all --retain " + FEATURES).getRetain()).isTrue();
        assertThat(request("--all " + FEATURES).getRetain()).isFalse();
    }

    @Test
    void namesATargetTableOnlyWhenAsked() {
        assertThat(request("--all --target iceberg.features.daily " + FEATURES).getTarget())
                .isEqualTo("iceberg.features.daily");
        assertThat(request("--all " + FEATURES).getTarget()).isNull();
    }

    @Test
    void keepsTheOrderOfFeatures() {
        assertThat(request("--all -f b:x,a:* --features a:z").getFeatures()).containsExactly("b:x", "a:*", "a:z");
    }

    @Test
    void groupsOptionsOfAViewByItsAlias() {
        RetrievalRequest request = request("--all -f origin:city --alias origin=location --join-key origin.id=origin_id"
                + " --ref origin=release --snapshot other=7 --snapshot-as-of third=2024-03-01");
        assertThat(request.getViews()).hasSize(3);
        assertThat(request.getViews().getFirst()).satisfies(origin -> {
            assertThat(origin.getView()).isEqualTo("location");
            assertThat(origin.getAlias()).isEqualTo("origin");
            assertThat(origin.getJoinKeys()).containsExactly(java.util.Map.entry("id", "origin_id"));
            assertThat(origin.getRef()).isEqualTo("release");
        });
    }

    @Test
    void repeatsAnEarlierRetrievalByItsId() {
        assertThat(request("--all --pins run-1 " + FEATURES).getPinsLocation())
                .isEqualTo("s3://lake/results/firn/run-1/_manifest.json");
        assertThat(request("--all --pins s3://x/_manifest.json " + FEATURES).getPinsLocation())
                .isEqualTo("s3://x/_manifest.json");
    }

    @ParameterizedTest
    @CsvSource({
        "2024-03-01, 2024-03-01T00:00:00Z",
        "2024-03-01T09:00, 2024-03-01T09:00:00Z",
        "2024-03-01T09:00:00.000001Z, 2024-03-01T09:00:00.000001Z",
        "2024-03-01T09:00:00+01:00, 2024-03-01T08:00:00Z",
    })
    void parsesTimes(String written, Instant meant) {
        assertThat(request("--all --as-of %s %s".formatted(written, FEATURES)).getAsOf())
                .isEqualTo(meant);
    }

    @ParameterizedTest
    @CsvSource({
        "2024-03-01..2024-04-01T09:00, 2024-03-01T00:00:00Z, 2024-04-01T09:00:00Z",
        "2024-03-01.., 2024-03-01T00:00:00Z,",
        "..2024-04-01, , 2024-04-01T00:00:00Z",
        ".., ,",
    })
    void asksForARange(String written, @Nullable Instant start, @Nullable Instant end) {
        Spine spine = request("--range %s %s".formatted(written, FEATURES)).getSpine();

        assertThat(spine.getKind()).isEqualTo(SpineKind.RANGE);
        assertThat(spine.getStart()).isEqualTo(start);
        assertThat(spine.getEnd()).isEqualTo(end);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--all | Name the features",
                "--ids customer_id -f a:b | --ids must be KEY=VALUE",
                "--ids a=1,2 --ids b=1 -f a:b | but a has 2 and b has 1",
                "--spine a.csv --spine b.parquet -f a:b | names both",
                "--spine a.csv --spine-ref x -f a:b | require --spine-table",
                "--rows ragged.csv -f a:b | line 2",
                "--rows semicolons.csv -f a:b | columns must be separated by commas",
                "--rows rows.csv --columns a -f a:b | inline rows name their own",
                "--ids a=1 --columns a -f a:b | --ids names its own columns",
                "--rows empty.csv -f a:b | Its first line must name the columns",
                "--rows - -f a:b | Standard input: 10,001 rows with 10,012 bytes exceed what an event may have (10,000 rows, 524,288 bytes). Save it to a file: --spine FILE.csv",
                "--ids a=1 --infer -f a:b | --infer needs a CSV file on this machine",
                "--all --infer -f a:b | --infer needs a CSV file on this machine",
                "--spine-table a.b.c --infer -f a:b | --infer needs a CSV file on this machine",
                "--spine s3://lake/a.csv --infer -f a:b | --infer needs a CSV file on this machine",
                "--all --join-key a=b -f a:b | --join-key must be VIEW.ENTITY=COLUMN",
            })
    void rejectsContradictoryOptions(String arguments, String complaint) {
        assertThatExceptionOfType(CommandFailure.class)
                .isThrownBy(() -> request(arguments))
                .withMessageContaining(complaint)
                .satisfies(failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.USAGE));
    }

    /// Checked before anything is sent: the worker would refuse them after a while.
    @Test
    void uploadsRowsThatAnEventCannotHave(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("many.csv");
        Files.writeString(file, "customer_id\n" + "7\n".repeat(Limits.INLINE_SPINE_ROWS + 1));

        RetrievalRequest request = request("--rows " + file + " " + FEATURES);

        assertThat(request.getSpine().getKind()).isEqualTo(SpineKind.CSV);
        assertThat(request.getSpine().getLocations()).containsExactly("s3://lake/uploaded/many.csv");
        assertThat(notes.toString()).contains("10,001 rows", "as --spine does");
    }

    /// It would not be read as a text either.
    @Test
    void uploadsAFileThatIsLargerThanAText(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("large.csv");
        Files.writeString(file, "customer_id\n" + "1234567\n".repeat(CommandContext.MAX_TEXT_BYTES / 8));

        assertThat(request("--rows " + file + " " + FEATURES).getSpine().getKind())
                .isEqualTo(SpineKind.CSV);
        assertThat(notes.toString()).contains("The file exceeds what an event may have");
    }

    @Test
    void uploadsBytesThatAnEventCannotHave(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("wide.csv");
        Files.writeString(file, "id,text\n7," + "x".repeat(Limits.INLINE_SPINE_BYTES) + "\n");

        assertThat(request("--rows " + file + " " + FEATURES).getSpine().getKind())
                .isEqualTo(SpineKind.CSV);
    }

    @Test
    void readsTheTypesOfRowsAndOfLocalFiles(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("labels.csv");
        Files.writeString(file, "customer_id,churned\n7,1\n");

        assertThat(request("--rows " + file + " --infer " + FEATURES).getSpine().getColumnTypes())
                .containsExactly(entry("churned", "int64"));
        assertThat(request("--spine " + file + " --infer " + FEATURES)
                        .getSpine()
                        .getColumnTypes())
                .containsExactly(entry("churned", "int64"));
    }

    /// With characters that stand for what could not be read, a key would find nothing, and nobody would know.
    @ParameterizedTest
    @CsvSource({"--rows", "--spine", "--infer --spine"})
    void refusesTextThatIsNotUtf8(String option, @TempDir Path folder) throws IOException {
        Path file = folder.resolve("labels.csv");
        Files.write(file, "name\nMüller\n".getBytes(StandardCharsets.ISO_8859_1));

        assertThatExceptionOfType(CommandFailure.class)
                .isThrownBy(() -> request("%s %s %s".formatted(option, file, FEATURES)))
                .withMessage("Cannot read %s: it is not UTF-8 text".formatted(file))
                .matches(failure -> failure.exitCode() == ExitCode.USAGE);
    }

    private RetrievalRequest request(String arguments) {
        Holder holder = new Holder();
        new CommandLine(holder).parseArgs(arguments.split(" "));
        Console console = new Console(new PrintWriter(Writer.nullWriter()), new PrintWriter(notes), false);
        RequestFromOptions requests = new RequestFromOptions(
                file -> switch (file) {
                    case "rows.csv" -> """
                        customer_id,"event_timestamp"
                        007,2024-03-01T00:00:00Z
                        ,2024-03-02T00:00:00Z
                        "","2024-03-03T00:00:00Z"
                        \"\"\"\",2024-03-04T00:00:00Z
                        """;
                    case "marked.csv" -> "\uFEFFcustomer_id\n7\n";
                    case "semicolons.csv" -> "customer_id;event_timestamp\n7;2024-03-01\n";
                    case "ragged.csv" -> "a,b\n1\n";
                    case "empty.csv" -> "";
                    case "-" -> "customer_id\n" + "7\n".repeat(Limits.INLINE_SPINE_ROWS + 1);
                    default -> read(file);
                },
                file -> "s3://lake/uploaded/" + file.getFileName(),
                new ColumnTypes(holder.options, () -> Map.of("customer_features", CUSTOMERS), console),
                console);
        return requests.request("r1", holder.options, id -> "s3://lake/results/firn/%s/_manifest.json".formatted(id));
    }

    private static String read(String file) {
        Console nowhere =
                new Console(new PrintWriter(Writer.nullWriter()), new PrintWriter(Writer.nullWriter()), false);
        return CommandContext.ofProcess(nowhere).readText(file);
    }

    @Command(name = "holder")
    static final class Holder {
        @Mixin
        RetrieveOptions options = new RetrieveOptions();
    }
}
