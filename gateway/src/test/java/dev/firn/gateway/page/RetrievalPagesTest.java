package dev.firn.gateway.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.ChangesKind;
import dev.firn.events.ResultFile;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RunChanges;
import dev.firn.events.TargetOutcome;
import dev.firn.events.TargetStatus;
import dev.firn.schemas.EventJson;
import dev.firn.service.result.Manifest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.parquet.GenericParquetWriter;
import org.apache.iceberg.io.FileAppender;
import org.apache.iceberg.parquet.Parquet;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RetrievalPagesTest {
    private static final String ID = "train-1";
    private static final String PAGE = "/ui/retrievals/" + ID;
    private static final Schema SCHEMA = new Schema(Types.NestedField.optional(1, "orders", Types.LongType.get()));

    private ServedPages pages;

    @BeforeEach
    void start(@TempDir Path folder) throws IOException {
        pages = ServedPages.in(folder, Map.of("firn.gateway.max-preview-rows", "3"));
    }

    @AfterEach
    void stop() {
        pages.close();
    }

    private void decide(RetrievalResult result, String principal) {
        pages.decide(new Manifest(result, null, null, "worker", principal));
    }

    private String file(long rows) {
        String location = pages.location("part-0.parquet");
        try (FileAppender<Record> out = Parquet.write(pages.storage.output(location))
                .schema(SCHEMA)
                .createWriterFunc(GenericParquetWriter::create)
                .build()) {
            for (long row = 0; row < rows; row++) {
                Record record = GenericRecord.create(SCHEMA);
                record.set(0, 70_000 + row);
                out.add(record);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return location;
    }

    private static RetrievalResult withFile(String location, long rows) {
        return EventJson.read(RetrievalResult.class, EventJson.object("""
                {"request_id": "train-1", "request_digest": "digest", "status": "SUCCEEDED", "message": "",
                 "attempt": 1, "rows": %2$d, "location": "s3://lake/results/train-1/", "completed_at": "2026-01-01T00:00:00Z",
                 "columns": [{"name": "orders", "type": "long", "nulls": 0}],
                 "files": [{"location": "%1$s", "rows": %2$d, "bytes": 1, "checksum": "0"}]}
                """.formatted(location, rows)));
    }

    private static RetrievalResult cancelled() {
        return EventJson.read(RetrievalResult.class, EventJson.object("""
                {"request_id": "train-1", "request_digest": "", "status": "FAILED", "code": "CANCELLED", "message": "",
                 "completed_at": "2026-01-01T00:00:00Z"}
                """));
    }

    @Test
    void tellsWhoAskedToThemAndToAdministratorsOnly() {
        decide(withFile(file(1), 1), "alice");

        for (String reader : List.of("alice", "ops")) {
            assertThat(pages.get(reader, PAGE).body()).as(reader).contains("Asked by</dt><dd><bdi>alice</bdi>");
        }
        assertThat(pages.get("bob", PAGE).statusCode()).isEqualTo(403);
    }

    /// Whoever may read the standing retrieval reads its runs.
    @Test
    void tellsNoOtherReaderWhoAsked() {
        decide(
                RetrievalResult.newBuilder(withFile(file(1), 1))
                        .setStandingId("daily")
                        .build(),
                "alice");

        assertThat(pages.get("bob", PAGE).body()).contains("First rows").doesNotContain("Asked by", "alice");
    }

    /// Everybody may read that an id was cancelled.
    @Test
    void tellsNobodyWhoCancelledAnId() {
        decide(cancelled(), "alice");

        for (String reader : List.of("bob", "ops")) {
            HttpResponse<String> page = pages.get(reader, PAGE);
            assertThat(page.statusCode()).isEqualTo(200);
            assertThat(page.body()).as(reader).contains("CANCELLED").doesNotContain("Asked by", "alice");
        }
        assertThat(pages.get("alice", PAGE).body()).doesNotContain("Asked by");
    }

    @Test
    void showsNoMoreRowsThanAPreviewMayHave() {
        decide(withFile(file(5), 5), "alice");

        assertThat(pages.get("alice", PAGE).body())
                .contains("3 of", "70000", "70002")
                .doesNotContain("70003");
    }

    @Test
    void showsWhatARunChanged() {
        RunChanges changes = RunChanges.newBuilder()
                .setKind(ChangesKind.DELTA)
                .setSinceRequestId("daily.r1.0123456789abcdef")
                .setRowsUpdated(11)
                .setRowsAdded(22)
                .setRowsRemoved(33)
                .setLocation("s3://lake/results/train-1/1/_token/changes/")
                .setFiles(List.of(new ResultFile("s3://lake/part-0.parquet", 66L, 77L, "0")))
                .setFileCount(1)
                .build();
        decide(
                RetrievalResult.newBuilder(withFile(file(1), 1))
                        .setChanges(changes)
                        .build(),
                "alice");

        assertThat(pages.get("alice", PAGE).body())
                .contains("11 rows updated, 22 rows added and 33 rows removed since")
                .contains("href=\"/ui/retrievals/daily.r1.0123456789abcdef\"")
                .contains("href=\"/retrievals/train-1/changes/0\"")
                .contains("s3://lake/results/train-1/1/_token/changes/");
    }

    @Test
    void showsWhyNothingSaysWhatARunChanged() {
        RunChanges changes = RunChanges.newBuilder()
                .setKind(ChangesKind.RESET)
                .setResetReason("the <first> run")
                .build();
        decide(
                RetrievalResult.newBuilder(withFile(file(1), 1))
                        .setChanges(changes)
                        .build(),
                "alice");

        assertThat(pages.get("alice", PAGE).body())
                .contains("RESET: read the whole result.", "the &lt;first&gt; run")
                .doesNotContain("/changes/0");
    }

    @ParameterizedTest
    @CsvSource({"COMMITTED, false", "SUPERSEDED, false", "NOT_COMMITTED, true"})
    void showsWhatBecameOfTheTargetTable(TargetStatus status, boolean isMissing) {
        TargetOutcome target = TargetOutcome.newBuilder()
                .setTable("iceberg.features.daily")
                .setStatus(status)
                .setCode(isMissing ? "TARGET_REFUSED" : "")
                .setMessage("said of it")
                .setDecidedAt(Instant.EPOCH)
                .build();
        decide(
                RetrievalResult.newBuilder(withFile(file(1), 1))
                        .setTarget(target)
                        .build(),
                "alice");

        assertThat(pages.get("alice", PAGE).body())
                .contains("iceberg.features.daily", ">" + status + "<", "said of it")
                .satisfies(page -> assertThat(page.contains("The target table does not hold the result"))
                        .isEqualTo(isMissing));
    }

    @Test
    void aResultWhoseFileCannotBeReadIsShownWithTheReason() throws IOException {
        String location = pages.location("broken.parquet");
        Files.writeString(Path.of(location), "no Parquet file at all");
        decide(withFile(location, 7), "alice");

        HttpResponse<String> page = pages.get("alice", PAGE);

        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.body()).contains("Asked by", "Columns", "First rows", "broken.parquet");
    }

    @Test
    void aResultWhoseFilesAreGoneIsShownWithTheReason() {
        decide(withFile(pages.location("gone.parquet"), 7), "alice");

        assertThat(pages.get("alice", PAGE).body()).contains("The files of 'train-1' no longer exist.");
    }

    /// The part of the page that asks for itself is not in the page of a result.
    @Test
    void aPageThatFollowsIsLoadedAnewOnceTheOutcomeStands() {
        String[] poll = {"HX-Request", "true", "HX-Target", "state"};
        HttpResponse<String> before = pages.get("alice", PAGE, poll);
        assertThat(before.headers().firstValue("HX-Refresh")).isEmpty();
        assertThat(before.body()).contains("id=\"state\"");
        decide(withFile(file(1), 1), "alice");

        HttpResponse<String> after = pages.get("alice", PAGE, poll);

        assertThat(after.statusCode()).isEqualTo(200);
        assertThat(after.headers().firstValue("HX-Refresh")).contains("true");
        assertThat(after.body()).isEmpty();
        // what listens for the result takes it into the page
        HttpResponse<String> whole = pages.get("alice", PAGE, "HX-Request", "true", "HX-Target", "main");
        assertThat(whole.headers().firstValue("HX-Refresh")).isEmpty();
        assertThat(whole.body()).contains("First rows");
    }

    /// Anyone may see that there is no outcome yet, but not the outcome.
    @Test
    void aPageOfSomeoneWhoMayNotReadTheOutcomeIsLoadedAnewAndSaysSo() {
        String[] poll = {"HX-Request", "true", "HX-Target", "state"};
        assertThat(pages.get("bob", PAGE, poll).body()).contains("id=\"state\"");
        decide(withFile(file(1), 1), "alice");

        for (String target : List.of("state", "main")) {
            HttpResponse<String> after = pages.get("bob", PAGE, "HX-Request", "true", "HX-Target", target);
            assertThat(after.statusCode()).isEqualTo(403);
            assertThat(after.headers().firstValue("HX-Refresh")).contains("true");
        }
        HttpResponse<String> whole = pages.get("bob", PAGE);
        assertThat(whole.headers().firstValue("HX-Refresh")).isEmpty();
        assertThat(whole.body()).contains("FORBIDDEN", "Only whoever requested");
    }

    @Test
    void whatListensForTheResultIsNotReplacedWithTheState() {
        String page = pages.get("alice", PAGE).body();

        assertThat(page.indexOf("sse:RetrievalResult"))
                .isGreaterThan(page.indexOf("sse-connect"))
                .isLessThan(page.indexOf("id=\"state\""));
    }
}
