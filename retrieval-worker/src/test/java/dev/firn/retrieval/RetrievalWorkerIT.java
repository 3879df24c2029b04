package dev.firn.retrieval;

import static dev.firn.retrieval.WorkerStack.request;
import static dev.firn.retrieval.job.Given.ids;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.PreviousRun;
import dev.firn.events.RefreshKind;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import dev.firn.retrieval.job.Given;
import dev.firn.schemas.DeadLetter;
import dev.firn.schemas.Topic;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.apache.iceberg.Table;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// A worker with a real broker, schema registry, catalog and store.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RetrievalWorkerIT {
    private WorkerStack stack;
    private WorkerRuntime worker;

    @BeforeAll
    void start() {
        stack = new WorkerStack();
        Table facts = stack.lake.table("facts", "id long, event timestamptz, value int");
        stack.lake.append(facts, "1 | 2024-01-01 | 10", "1 | 2024-02-01 | 11", "2 | 2024-01-01 | 20");
        stack.register(stack.lake.view(facts, List.of("id"), List.of("value")).build());
        worker = stack.worker();
    }

    @AfterAll
    void stop() {
        if (worker != null) {
            worker.close();
        }
        stack.close();
    }

    @Test
    void answersInlineIdsWithParquetOnS3() {
        RetrievalResult result = stack.ask(
                request("inline", ids("id", "2", "1", "9"), "facts:value").build());

        assertThat(result.getStatus()).as(result.getMessage()).isEqualTo(RetrievalStatus.SUCCEEDED);
        assertThat(result.getRows()).isEqualTo(3);
        assertThat(result.getLocation()).startsWith("s3://lake/results/" + stack.namespace + "/inline/1/");
        assertThat(stack.lake.files().read(result.getFiles().getFirst().getLocation()))
                .containsExactly("2 20", "1 11", "9 null");
        assertThat(stack.lake.catalogs().storage().list(result.getLocation()))
                .extracting(
                        file -> file.location().substring(result.getLocation().length()))
                .containsExactly("part-00000000.parquet");
    }

    @Test
    void announcesARedeliveredRequestAgain() {
        var request = request("again", ids("id", "1"), "facts:value").build();
        RetrievalResult first = stack.ask(request);
        RetrievalResult second = stack.ask(request);

        assertThat(second).isEqualTo(first);
        assertThat(second.getAttempt()).isEqualTo(1);
    }

    @Test
    void refusesAnIdUsedAgainWithAnotherBody() {
        stack.ask(request("reused", ids("id", "1"), "facts:value").build());

        RetrievalResult second =
                stack.ask(request("reused", ids("id", "2"), "facts:value").build());
        assertThat(second.getCode()).isEqualTo("REQUEST_ID_REUSED");
    }

    @Test
    void answersSpinesOfParquetCsvAndTables() {
        String csv = stack.spines() + "/s.csv";
        stack.lake
                .files()
                .put(csv, "id,event_timestamp\n1,2024-01-15\n1,2024-02-15\n".getBytes(StandardCharsets.UTF_8));
        Table table = stack.lake.table("spine", "id int, event_timestamp timestamptz");
        var file = stack.lake.append(table, "1 | 2024-01-15", "1 | 2024-02-15");
        String parquet = stack.spines() + "/s.parquet";
        stack.lake.files().copy(file.location(), parquet);

        for (Spine spine : List.of(
                Spine.newBuilder()
                        .setKind(SpineKind.CSV)
                        .setLocations(List.of(csv))
                        .build(),
                Spine.newBuilder()
                        .setKind(SpineKind.PARQUET)
                        .setLocations(List.of(parquet))
                        .build(),
                Spine.newBuilder()
                        .setKind(SpineKind.TABLE)
                        .setTable("iceberg." + stack.namespace + ".spine")
                        .build())) {
            RetrievalResult result = stack.ask(
                    request("spine-" + spine.getKind(), spine, "facts:value").build());
            assertThat(result.getStatus()).as(result.getMessage()).isEqualTo(RetrievalStatus.SUCCEEDED);
            assertThat(stack.lake.files().read(result.getFiles().getFirst().getLocation()))
                    .containsExactly("1 2024-01-15T00:00Z 10", "1 2024-02-15T00:00Z 11");
        }
    }

    @Test
    void repeatsARetrievalByTheManifestOfAnEarlierOne() {
        RetrievalResult first =
                stack.ask(request("first", ids("id", "1", "2"), "facts:value").build());
        RetrievalResult again = stack.ask(request("repeated", ids("id", "1", "2"), "facts:value")
                .setPinsLocation(first.getManifestLocation())
                .build());

        assertThat(again.getStatus()).as(again.getMessage()).isEqualTo(RetrievalStatus.SUCCEEDED);
        assertThat(again.getContentDigest()).isEqualTo(first.getContentDigest());
        assertThat(again.getAsOf()).isEqualTo(first.getAsOf());
    }

    @Test
    void answersARunUnderItsStandingId() {
        var run = request("nightly-1", ids("id", "1"), "facts:value")
                .setStandingId("nightly")
                .build();
        try (WorkerStack.Tail results = stack.tail(Topic.RETRIEVAL_RESULTS)) {
            stack.send(Topic.RETRIEVAL_RUNS, "nightly", run);
            ConsumerRecord<byte[], byte[]> record = results.record("nightly");
            assertThat(results.results("nightly-1").getFirst().getStandingId()).isEqualTo("nightly");
            assertThat(new String(record.headers().lastHeader("firn-request-id").value(), StandardCharsets.UTF_8))
                    .isEqualTo("nightly-1");
        }
    }

    /// The second run reads what the first one left in the store, and the file that came.
    @Test
    void refreshesARunFromTheOneBeforeIt() {
        Table moving = stack.lake.table("moving", "id long, event timestamptz, value int");
        stack.lake.append(moving, "1 | 2024-01-01 | 10", "2 | 2024-01-01 | 20");
        stack.register(stack.lake.view(moving, List.of("id"), List.of("value")).build());
        RetrievalResult first = run(request("moving-1", ids("id", "1", "2"), "moving:value"));
        stack.lake.append(moving, "2 | 2024-02-01 | 21");
        RetrievalResult second = run(request("moving-2", ids("id", "1", "2"), "moving:value")
                .setPreviousRun(new PreviousRun(first.getRequestId(), first.getManifestLocation())));

        assertThat(second.getViews().getFirst().getRefresh())
                .as(second.getViews().getFirst().getRefreshReason())
                .isEqualTo(RefreshKind.INCREMENTAL);
        assertThat(stack.lake.files().read(second.getFiles().getFirst().getLocation()))
                .containsExactly("1 10", "2 21");
        RetrievalResult full = stack.ask(request("moving-full", ids("id", "1", "2"), "moving:value")
                .setPinsLocation(second.getManifestLocation())
                .build());
        assertThat(second.getContentDigest()).isEqualTo(full.getContentDigest());
    }

    private RetrievalResult run(RetrievalRequest.Builder run) {
        try (WorkerStack.Tail results = stack.tail(Topic.RETRIEVAL_RESULTS)) {
            stack.send(
                    Topic.RETRIEVAL_RUNS, "moving", run.setStandingId("moving").build());
            RetrievalResult result = results.result(run.getRequestId());
            assertThat(result.getStatus()).as(result.getMessage()).isEqualTo(RetrievalStatus.SUCCEEDED);
            return result;
        }
    }

    @Test
    void deadLettersBytesThatAreNotAvroAndAnswersTheirKey() {
        try (WorkerStack.Tail letters = stack.tail(Topic.DEAD_LETTERS);
                WorkerStack.Tail results = stack.tail(Topic.RETRIEVAL_RESULTS)) {
            byte[] bytes = "{\"not\":\"avro\"}".getBytes(StandardCharsets.UTF_8);
            stack.sendBytes(Topic.RETRIEVAL_REQUESTS, "no-avro", bytes);

            ConsumerRecord<byte[], byte[]> letter = letters.record("no-avro");
            assertThat(letter.value()).isEqualTo(bytes);
            assertThat(DeadLetter.readFrom(letter.headers()).orElseThrow().code())
                    .isEqualTo("NOT_MAGIC");
            assertThat(results.result("no-avro").getCode()).isEqualTo("UNDECODABLE_REQUEST");
        }
    }

    @Test
    void deadLettersAnUnknownSchemaId() {
        try (WorkerStack.Tail letters = stack.tail(Topic.DEAD_LETTERS)) {
            stack.sendBytes(Topic.RETRIEVAL_REQUESTS, "unknown-schema", new byte[] {0, 0x7f, 0, 0, 1, 2});

            assertThat(DeadLetter.readFrom(letters.record("unknown-schema").headers())
                            .orElseThrow()
                            .code())
                    .isEqualTo("UNKNOWN_SCHEMA_ID");
        }
    }

    @Test
    void refusesASpineOutsideTheAllowedPrefixes() {
        for (String location :
                List.of("s3://lake/elsewhere/s.csv", stack.spines() + "/../elsewhere.csv", "s3://other/s.csv")) {
            RetrievalResult result = stack.ask(request(
                            "outside-" + Integer.toHexString(location.hashCode()),
                            Spine.newBuilder()
                                    .setKind(SpineKind.CSV)
                                    .setLocations(List.of(location))
                                    .build(),
                            "facts:value")
                    .build());
            assertThat(result.getCode()).isIn("LOCATION_NOT_ALLOWED", "LOCATION_INVALID");
        }
    }

    @Test
    void acceptsTheLargestAllowedEvent() {
        String[] values = new String[9_000];
        for (int i = 0; i < values.length; i++) {
            values[i] = String.valueOf(1_000_000_000_000_000_000L + i);
        }
        Spine spine = Spine.newBuilder(ids("id", values))
                .setColumns(List.of("id", "note"))
                .setRows(Arrays.stream(values)
                        .map(value -> List.of(value, "x".repeat(39)))
                        .toList())
                .build();
        RetrievalResult result =
                stack.ask(request("large", spine, "facts:value").build());

        assertThat(result.getStatus()).as(result.getMessage()).isEqualTo(RetrievalStatus.SUCCEEDED);
        assertThat(result.getRows()).isEqualTo(values.length);
    }

    @Test
    void reportsProgress() {
        try (WorkerStack.Tail progress = stack.tail(Topic.RETRIEVAL_PROGRESS)) {
            stack.ask(request("progress", ids("id", "1"), "facts:value").build());

            assertThat(progress.record("progress").value()).isNotEmpty();
        }
    }

    @Test
    void suggestsTheNearestView() {
        RetrievalResult result =
                stack.ask(request("misspelt", ids("id", "1"), "fact:value").build());

        assertThat(result.getCode()).isEqualTo("UNKNOWN_VIEW");
        assertThat(result.getViolations().getFirst().getSuggestion()).isEqualTo("facts");
        assertThat(result.getManifestLocation()).endsWith("/misspelt/_manifest.json");
    }

    @Test
    void answersSoonWhenWarm() {
        stack.ask(request("warm-up", ids("id", "1"), "facts:value").build());
        long start = System.nanoTime();
        stack.ask(request("warm", ids("id", "1"), "facts:value")
                .setAsOf(Given.NOW)
                .build());

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    }
}
