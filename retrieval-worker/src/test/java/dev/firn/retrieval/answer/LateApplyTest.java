package dev.firn.retrieval.answer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.events.ResultFile;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeOutage;
import dev.firn.lake.storage.Storage;
import dev.firn.retrieval.intake.TakenRequest;
import dev.firn.retrieval.job.Completed;
import dev.firn.retrieval.job.Retrieval;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A store may apply a PUT or a DELETE long after it answered 500. Neither may reach the files of a decided result.
@Timeout(60)
final class LateApplyTest extends AnsweringFixture {
    private LateS3 s3;
    private Storage late;

    @BeforeEach
    void open() throws IOException {
        s3 = new LateS3();
        late = Storage.open(s3.properties());
        store = late;
    }

    @AfterEach
    void close() {
        late.close();
        s3.close();
    }

    @Test
    void aPutThatIsAppliedLateDoesNotReachTheResult() {
        s3.holdNext(request -> request.startsWith("PUT") && request.endsWith(".parquet"));
        attempting = task -> writing(task, "try " + ++attempts);
        answer();

        assertThat(attempts).isEqualTo(2);
        resultIs("try 2");
        assertThat(s3.applyHeld()).isEqualTo(1);
        resultIs("try 2");
    }

    @Test
    void aDeleteThatIsAppliedLateDoesNotReachTheResult() {
        s3.holdNext(request -> request.startsWith("DELETE") && request.endsWith(".parquet"));
        attempting = task -> {
            Completed completed = writing(task, "try " + ++attempts);
            if (attempts == 1) {
                throw new LakeOutage(LakeCode.STORAGE_UNAVAILABLE, "away, says the test", null);
            }
            return completed;
        };
        answer();

        resultIs("try 2");
        assertThat(s3.applyHeld()).isEqualTo(1);
        resultIs("try 2");
    }

    @Test
    void aPutOfAWithdrawnAttemptDoesNotReachTheResultOfTheNext() {
        s3.holdNext(request -> request.startsWith("PUT") && request.endsWith(".parquet"));
        TakenRequest taken = taken();
        attempting = task -> {
            taken.cancellation().cancel();
            return writing(task, "withdrawn");
        };
        assertThatThrownBy(() -> answer(answering(attempting), taken)).isInstanceOf(CancellationException.class);
        attempting = task -> writing(task, "answered");
        answer();

        resultIs("answered");
        assertThat(sink.only().getAttempt()).isEqualTo(2);
        assertThat(s3.applyHeld()).isEqualTo(1);
        resultIs("answered");
    }

    @Test
    void aClaimThatIsAppliedLateIsTheSameClaim() {
        s3.holdNext(request -> request.startsWith("PUT") && request.contains("claim"));
        attempting = task -> writing(task, "try " + ++attempts);
        answer();
        s3.applyHeld();

        assertThat(sink.only().getAttempt()).isEqualTo(1);
        assertThat(s3.objects.keySet())
                .filteredOn(key -> key.endsWith("/claim.json"))
                .hasSize(1);
    }

    private Completed writing(Retrieval.Task task, String content) {
        try (var out = late.output(task.folder() + "/part-00000000.parquet").create()) {
            out.write(content.getBytes(StandardCharsets.UTF_8));
        } catch (Exception e) {
            throw new LakeOutage(LakeCode.STORAGE_UNAVAILABLE, "says the test", e);
        }
        return completed(task);
    }

    /// The manifest names all files of its folder, and they contain what the deciding try wrote.
    private void resultIs(String content) {
        RetrievalResult result = manifest().result();
        assertThat(result.getStatus()).isEqualTo(RetrievalStatus.SUCCEEDED);
        assertThat(late.list(result.getLocation()))
                .extracting(file -> file.location())
                .containsExactlyElementsOf(
                        result.getFiles().stream().map(ResultFile::getLocation).toList());
        assertThat(result.getFiles())
                .allSatisfy(file -> assertThat(late.read(file.getLocation(), 100))
                        .asString(StandardCharsets.UTF_8)
                        .isEqualTo(content));
    }
}
