package dev.firn.retrieval.answer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.events.Fault;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeOutage;
import dev.firn.lake.LakeRejection;
import dev.firn.retrieval.intake.TakenRequest;
import dev.firn.retrieval.intake.Turn;
import dev.firn.retrieval.job.Completed;
import dev.firn.retrieval.job.Given;
import dev.firn.retrieval.job.RetrievalRejected;
import dev.firn.retrieval.job.Stage;
import dev.firn.schemas.Code;
import dev.firn.schemas.Decoded;
import dev.firn.schemas.EventJson;
import dev.firn.schemas.FirnHeaders;
import dev.firn.service.result.AttemptNote;
import dev.firn.service.result.ResultLayout;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Attempts, and the outcome that they decide.
@Timeout(30)
final class DecidingTest extends AnsweringFixture {
    @Test
    void announcesARedeliveredRequestAgainWithoutRunningIt() {
        answer();
        answer();

        assertThat(sink.results).hasSize(2).containsOnly(sink.results.getFirst());
        assertThat(attempts).isEqualTo(1);
    }

    /// The gateway reads it, to tell who may cancel.
    @Test
    void theClaimSaysWhoAsked() {
        TakenRequest taken = taken();
        taken.headers().add(FirnHeaders.PRINCIPAL, "al\"ice".getBytes(StandardCharsets.UTF_8));
        answer(answering(attempting), taken);

        byte[] claim = storage.files.entrySet().stream()
                .filter(file -> file.getKey().endsWith("/claim.json"))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElseThrow();
        assertThat(EventJson.object(new String(claim, StandardCharsets.UTF_8))
                        .path(AttemptNote.PRINCIPAL)
                        .asText())
                .isEqualTo("al\"ice");
    }

    @Test
    void refusesAnotherRequestUnderAnAnsweredId() {
        answer();
        decoding = new Decoded.Value<>(
                Given.request(Given.ids("id", "2"), "orders:total").build());
        answer();

        assertThat(sink.results.getLast().getCode()).isEqualTo(Code.REQUEST_ID_REUSED.name());
        assertThat(manifest().result().getStatus()).isEqualTo(RetrievalStatus.SUCCEEDED);
    }

    @Test
    void answersTheUsersMistakesAndKeepsTheAnswer() {
        attempting = task -> {
            throw new RetrievalRejected(Code.UNKNOWN_VIEW, "features[0]", "No view 'orders' is registered.");
        };
        answer();
        attempting = this::succeed;
        answer();

        assertThat(sink.results).extracting(RetrievalResult::getCode).containsExactly("UNKNOWN_VIEW", "UNKNOWN_VIEW");
    }

    @Test
    void retriesWithinTheAttemptWhileACatalogIsUnavailable() {
        attempting = task -> {
            if (++attempts < 4) {
                throw new LakeOutage(LakeCode.CATALOG_UNAVAILABLE, "away", null);
            }
            return completed(task);
        };
        answer();

        assertThat(sink.only().getStatus()).isEqualTo(RetrievalStatus.SUCCEEDED);
        assertThat(sink.only().getAttempt()).isEqualTo(1);
    }

    @Test
    void waitsWhileTheStoreIsUnavailable() {
        storage.failNextCalls(7);
        answer();

        assertThat(sink.only().getStatus()).isEqualTo(RetrievalStatus.SUCCEEDED);
    }

    @Test
    void countsAFailedAttemptAndStartsAnother() {
        outageLimit = Duration.ZERO;
        attempting = task -> {
            if (++attempts == 1) {
                throw new LakeOutage(LakeCode.CATALOG_UNAVAILABLE, "away, says the test", null);
            }
            return completed(task);
        };
        answer();

        assertThat(sink.only().getAttempt()).isEqualTo(2);
        assertThat(sink.only().getLocation()).startsWith(ROOT + "/request-1/2/");
    }

    /// Polars refuses a folder with any other file, and other readers would have to know which to leave out.
    @Test
    void theLocationHoldsTheFilesOfTheResultAndNothingElse() {
        outageLimit = Duration.ZERO;
        attempting = task -> {
            storage.putIfAbsent(task.folder() + "/part-00000000.parquet", new byte[1]);
            if (++attempts == 1) {
                throw new LakeOutage(LakeCode.CATALOG_UNAVAILABLE, "away, says the test", null);
            }
            return completed(task);
        };
        answer();

        String location = sink.only().getLocation();
        assertThat(storage.files.keySet())
                .filteredOn(file -> file.startsWith(location))
                .containsExactly(location + "part-00000000.parquet");
        // claims, notes and the outcome lie beside it
        assertThat(storage.files.keySet()).hasSizeGreaterThan(3);
    }

    @Test
    void answersADefectAtTheFirstAttempt() {
        attempting = task -> {
            attempts++;
            storage.putIfAbsent(task.folder() + "/part-00000000.parquet", new byte[1]);
            throw new IllegalStateException("java.lang.IllegalStateException: a bug, says the test");
        };
        answer();

        assertThat(attempts).isEqualTo(1);
        assertThat(sink.only().getCode()).isEqualTo(Code.INTERNAL.name());
        assertThat(sink.only().getMessage())
                .contains("a bug, says the test")
                .contains("Worker 'worker' logged it")
                .doesNotContain("Exception");
        assertThat(manifest().result()).isEqualTo(sink.only());
        assertThat(storage.files.keySet()).noneMatch(file -> file.endsWith(".parquet"));
    }

    /// A library that cannot be loaded throws an [Error] instead of an [Exception].
    @Test
    void answersAfterAnyError() {
        attempting = task -> {
            throw new NoClassDefFoundError("libzstd, says the test");
        };
        answer();

        assertThat(sink.only().getCode()).isEqualTo(Code.INTERNAL.name());
        assertThat(sink.only().getMessage()).contains("libzstd, says the test");
    }

    /// What killed the process is not known: an attempt that ran beside others does not count.
    @Test
    void doesNotCountAttemptsThatDiedBesideOthers() {
        for (int i = 1; i <= 5; i++) {
            note(i, AttemptNote.Kind.CLAIM);
        }
        TakenRequest taken = taken();
        Answering answering = answering(attempting);

        assertThat(answering.turn(taken, false)).isEqualTo(new Turn.Alone());
        assertThat(attempts).isZero();
        assertThat(answering.turn(taken, true)).isEqualTo(new Turn.Answered());
        assertThat(sink.only().getStatus()).isEqualTo(RetrievalStatus.SUCCEEDED);
        assertThat(storage.files.keySet()).anyMatch(file -> file.endsWith("/claim-alone.json"));
    }

    @Test
    void countsAttemptsThatDiedAlone() {
        note(1, AttemptNote.Kind.CLAIM);
        for (int i = 2; i <= 6; i++) {
            note(i, AttemptNote.Kind.CLAIM_ALONE);
        }
        answer();

        assertThat(attempts).isZero();
        assertThat(sink.only().getCode()).isEqualTo(Code.ATTEMPTS_EXHAUSTED.name());
        assertThat(sink.only().getMessage()).contains("the process of its worker died");
    }

    /// Its process lived, so the attempts after it may run beside others.
    @Test
    void countsAttemptsThatFailedElsewhere() {
        for (int i = 1; i <= 4; i++) {
            note(i, AttemptNote.Kind.CLAIM);
            note(i, AttemptNote.Kind.FAILED);
        }
        outageLimit = Duration.ZERO;
        attempting = task -> {
            attempts++;
            throw new LakeOutage(LakeCode.CATALOG_UNAVAILABLE, "away, says the test", null);
        };
        answering(attempting).turn(taken(), false);

        assertThat(attempts).isEqualTo(1);
        assertThat(sink.only().getCode()).isEqualTo(Code.ATTEMPTS_EXHAUSTED.name());
    }

    /// The next owner of a partition may be faster than the note of the last.
    @Test
    void waitsForTheNoteThatAnAttemptWasGivenUp() {
        note(1, AttemptNote.Kind.CLAIM);
        storage.afterNextList(() -> note(1, AttemptNote.Kind.WITHDRAWN));

        assertThat(answering(attempting).turn(taken(), false)).isEqualTo(new Turn.Answered());
        assertThat(sink.only().getAttempt()).isEqualTo(2);
        assertThat(storage.files.keySet()).noneMatch(file -> file.endsWith("/claim-alone.json"));
    }

    private void note(int attempt, AttemptNote.Kind kind) {
        storage.files.put(
                new AttemptNote(attempt, "token" + attempt, kind).location(new ResultLayout(ROOT), "request-1"),
                new byte[0]);
    }

    @Test
    void announcesTheWinnersOutcomeAndDeletesItsOwnFiles() {
        attempting = task -> {
            Completed mine = completed(task);
            storage.files.put(task.folder() + "/part-00000000.parquet", new byte[1]);
            storage.files.put(ResultLayout.changesFolder(task.folder()) + "/part-00000000.parquet", new byte[1]);
            Answering other = answering(otherTask -> completed(otherTask));
            answer(other, taken());
            return mine;
        };
        answer();

        assertThat(sink.results).hasSize(2).containsOnly(sink.results.getFirst());
        assertThat(sink.results.getFirst().getAttempt()).isEqualTo(2);
        assertThat(parts()).isEmpty();
    }

    @Test
    void keepsItsFilesWhenTheResponseToItsDecisionIsLost() {
        attempting = task -> {
            storage.files.put(task.folder() + "/part-00000000.parquet", new byte[1]);
            storage.loseNextPutResponse();
            return completed(task);
        };
        answer();

        assertThat(sink.only().getStatus()).isEqualTo(RetrievalStatus.SUCCEEDED);
        assertThat(parts()).containsExactly(sink.only().getLocation() + "part-00000000.parquet");
    }

    @Test
    void aCancelledRequestIsNotAnsweredAndItsAttemptsDoNotCount() {
        for (int i = 0; i < 6; i++) {
            cancelled(this::succeed);
        }
        assertThat(sink.results).isEmpty();
        answer();

        assertThat(sink.only().getStatus()).isEqualTo(RetrievalStatus.SUCCEEDED);
    }

    @Test
    void neverGivesTheNumberOfAWithdrawnAttemptAgain() {
        cancelled(this::succeed);
        answer();

        assertThat(sink.only().getAttempt()).isEqualTo(2);
        assertThat(storage.files.keySet())
                .filteredOn(file -> file.contains("/request-1/1/"))
                .extracting(file -> file.substring(file.lastIndexOf('/') + 1))
                .containsExactly("claim.json", "withdrawn.json");
    }

    @Test
    void withdrawsAnAttemptThatIsCancelledAfterItsLastFile() {
        cancelled(task -> {
            storage.files.put(task.folder() + "/part-00000000.parquet", new byte[1]);
            return completed(task);
        });

        assertThat(sink.results).isEmpty();
        assertThat(parts()).isEmpty();
        assertThat(storage.files.keySet()).anyMatch(file -> file.endsWith("/withdrawn.json"));
    }

    private void cancelled(Answering.Attempting attempt) {
        TakenRequest taken = taken();
        Answering answering = answering(task -> {
            Completed completed = attempt.run(task);
            taken.cancellation().cancel();
            return completed;
        });
        assertThatThrownBy(() -> answer(answering, taken)).isInstanceOf(CancellationException.class);
    }

    private List<String> parts() {
        return storage.files.keySet().stream()
                .filter(file -> file.endsWith(".parquet"))
                .toList();
    }

    @Test
    void anOutageLongerThanTheLimitEndsTheAttempt() {
        outageLimit = Duration.ZERO;
        attempting = task -> {
            attempts++;
            throw new LakeOutage(LakeCode.CATALOG_UNAVAILABLE, "the catalog is away, says the test", null);
        };
        answer();

        assertThat(attempts).isEqualTo(5);
        assertThat(sink.only().getCode()).isEqualTo(Code.ATTEMPTS_EXHAUSTED.name());
        assertThat(sink.only().getMessage()).contains("the catalog is away, says the test");
    }

    /// The limit counts from the first fault after work that went well, not from the start of the attempt.
    @Test
    void anOutageAfterLongHealthyWorkDoesNotEndTheAttempt() {
        outageLimit = Duration.ofMillis(200);
        attempting = task -> {
            long started = System.nanoTime();
            if (++attempts == 1) {
                while (System.nanoTime() - started < outageLimit.toNanos() + 1_000_000) {
                    task.progress().report(Stage.JOIN, "orders", 1, 2, "files");
                }
                throw new LakeOutage(LakeCode.STORAGE_UNAVAILABLE, "one reset, says the test", null);
            }
            return completed(task);
        };
        answer();

        assertThat(attempts).isEqualTo(2);
        assertThat(sink.only().getAttempt()).isEqualTo(1);
    }

    /// A fault that comes back at the same place must not go on for ever.
    @Test
    void limitsTheTriesThatFailAfterProgress() {
        maxTries = 3;
        attempting = task -> {
            attempts++;
            task.progress().report(Stage.JOIN, "orders", 1, 2, "files");
            throw new LakeOutage(LakeCode.STORAGE_UNAVAILABLE, "a reset at the same place, says the test", null);
        };
        answer();

        assertThat(attempts).isEqualTo(3 * 5);
        assertThat(sink.only().getCode()).isEqualTo(Code.ATTEMPTS_EXHAUSTED.name());
    }

    @Test
    void namesTheFaultInResultsAndViolations() {
        attempting = task -> {
            throw RetrievalRejected.of(new LakeRejection(LakeCode.SNAPSHOT_EXPIRED, "says the test"), "views[0]");
        };
        answer();

        assertThat(sink.only().getFault()).isEqualTo(Fault.DATA);
        assertThat(sink.only().getViolations())
                .containsExactly(Code.SNAPSHOT_EXPIRED.violation("views[0]", "says the test"));
    }

    @Test
    void namesTheServiceAsTheFaultOfADefect() {
        attempting = task -> {
            throw new IllegalStateException("a bug, says the test");
        };
        answer();

        assertThat(sink.only().getFault()).isEqualTo(Fault.SERVICE);
    }

    @Test
    void rejectsAManifestWhosePinsCannotBeUsed() {
        decoding = new Decoded.Value<>(RetrievalRequest.newBuilder(REQUEST)
                .setPinsLocation("s3://lake/results/firn/failed/_manifest.json")
                .build());
        pinsLocation = location -> {
            throw new IllegalArgumentException("[" + location + "] has no pins, says the test");
        };
        answer();

        assertThat(attempts).isZero();
        assertThat(sink.only().getViolations())
                .containsExactly(Code.PINS_INVALID.violation(
                        "pins_location", "[s3://lake/results/firn/failed/_manifest.json] has no pins, says the test"));
    }

    @Test
    void rejectsAManifestThatCannotBeRead() {
        decoding = new Decoded.Value<>(RetrievalRequest.newBuilder(REQUEST)
                .setPinsLocation("s3://elsewhere/_manifest.json")
                .build());
        pinsLocation = location -> {
            throw new LakeRejection(LakeCode.LOCATION_NOT_ALLOWED, "says the test");
        };
        answer();

        assertThat(sink.only().getViolations())
                .containsExactly(Code.LOCATION_NOT_ALLOWED.violation("pins_location", "says the test"));
    }

    /// It may have decided: the response of its PUT may be lost. So its files stay until another outcome stands.
    @Test
    void anAttemptThatIsMovedWhileItDecidesDoesNotCount() {
        for (int i = 0; i < 2 * settings().maxAttempts(); i++) {
            TakenRequest taken = taken();
            storage.beforeNextPut("_manifest.json", () -> {
                taken.cancellation().cancel();
                throw new LakeOutage(LakeCode.STORAGE_UNAVAILABLE, "the store is away, says the test", null);
            });
            assertThatThrownBy(() -> answering(attempting).turn(taken, true)).isInstanceOf(CancellationException.class);
        }

        assertThat(answering(attempting).turn(taken(), false)).isEqualTo(new Turn.Answered());
        assertThat(sink.only().getStatus()).isEqualTo(RetrievalStatus.SUCCEEDED);
    }
}
