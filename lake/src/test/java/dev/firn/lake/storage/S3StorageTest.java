package dev.firn.lake.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.lake.LakeException;
import dev.firn.lake.LakeOutage;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.storage.ScriptedS3.Fault;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class S3StorageTest {
    private static final String FILE = "s3://lake/results/r1/_manifest.json";

    private ScriptedS3 s3;
    private Storage storage;

    @BeforeEach
    void open() throws Exception {
        s3 = new ScriptedS3();
        storage = Storage.open(s3.properties());
    }

    @AfterEach
    void close() {
        storage.close();
        s3.close();
    }

    @Test
    void theFirstPutCreatesTheSecondFindsIt() {
        assertThat(storage.putIfAbsent(FILE, bytes("one"))).isEqualTo(PutOutcome.CREATED);
        assertThat(storage.putIfAbsent(FILE, bytes("two"))).isEqualTo(PutOutcome.ALREADY_THERE);
        assertThat(storage.read(FILE, 10)).isEqualTo(bytes("one"));
    }

    @Test
    void aPutWhoseAnswerWasLostIsStillOurs() {
        s3.faults.add(Fault.LOST_ANSWER);
        assertThat(storage.putIfAbsent(FILE, bytes("one"))).isEqualTo(PutOutcome.CREATED);
    }

    @Test
    void aConflictOfConditionalPutsIsTriedAgain() {
        s3.faults.addAll(List.of(Fault.CONFLICT, Fault.CONFLICT, Fault.CONFLICT));
        assertThat(storage.putIfAbsent(FILE, bytes("one"))).isEqualTo(PutOutcome.CREATED);
        assertThat(s3.faults).isEmpty();
    }

    @Test
    void throttlingAndResetsAreRetried() {
        s3.faults.addAll(List.of(Fault.SLOW_DOWN, Fault.RESET));
        assertThat(storage.putIfAbsent(FILE, bytes("one"))).isEqualTo(PutOutcome.CREATED);
        s3.faults.addAll(List.of(Fault.SLOW_DOWN, Fault.SLOW_DOWN));
        assertThat(storage.read(FILE, 10)).isEqualTo(bytes("one"));
        assertThat(s3.faults).isEmpty();
    }

    @Test
    void retriesAreBoundedAndEndInAnOutage() {
        for (int i = 0; i < 50; i++) {
            s3.faults.add(Fault.SLOW_DOWN);
        }
        outage(() -> storage.read(FILE, 10));
        outage(() -> storage.putIfAbsent(FILE, bytes("one")));
        outage(() -> storage.etag(FILE));
        outage(() -> storage.list(FILE));
        assertThat(s3.faults).hasSizeGreaterThan(20);
    }

    @Test
    void anUnreachableStoreIsAnOutage() {
        s3.close();
        outage(() -> storage.read(FILE, 10));
        outage(() -> storage.putIfAbsent(FILE, bytes("one")));
        outage(() -> storage.delete(List.of(FILE)));
    }

    @Test
    void refusedCredentialsAreAnOutageARefusedFileIsARejection() {
        s3.faults.add(Fault.BAD_KEY);
        outage(() -> storage.read(FILE, 10));
        s3.faults.add(Fault.ACCESS_DENIED);
        rejected("FILE_DENIED", () -> storage.read(FILE, 10));
        s3.faults.add(Fault.ACCESS_DENIED);
        outage(() -> storage.putIfAbsent(FILE, bytes("one")));
    }

    /// The response to a HEAD has no body that says which of the two it is.
    @Test
    void aDeniedFileIsARejectionForListAndEtagToo() {
        for (Runnable look : List.<Runnable>of(() -> storage.list(FILE), () -> storage.etag(FILE))) {
            s3.faults.addAll(List.of(Fault.ACCESS_DENIED, Fault.ACCESS_DENIED));
            rejected("FILE_DENIED", look);
            s3.faults.addAll(List.of(Fault.BAD_KEY, Fault.BAD_KEY));
            outage(look);
        }
    }

    /// As some stores do while an object is being written. Only who needs the ETag has to wait for it.
    @Test
    void filesWithoutEtagAndTimeAreListed() {
        s3.objects.put("/lake/spines/day.csv", bytes("id"));
        s3.tellsNoEtags = true;
        assertThat(storage.list("s3://lake/spines/"))
                .containsExactly(new StoredFile("s3://lake/spines/day.csv", 2, ""));
        assertThat(storage.list("s3://lake/spines/day.csv"))
                .containsExactly(new StoredFile("s3://lake/spines/day.csv", 2, ""));
        List<AgedFile> walked = new ArrayList<>();
        storage.walk("s3://lake/spines", walked::add);
        assertThat(walked).containsExactly(new AgedFile("s3://lake/spines/day.csv", Instant.MAX, ""));
        outage(() -> storage.etag("s3://lake/spines/day.csv"));
    }

    @Test
    void aBucketThatIsNotThereIsAnOutage() {
        s3.faults.add(Fault.NO_BUCKET);
        outage(() -> storage.read(FILE, 10));
    }

    @Test
    void aMissingFileIsFileNotFound() {
        rejected("FILE_NOT_FOUND", () -> storage.read(FILE, 10));
        rejected("FILE_NOT_FOUND", () -> storage.etag(FILE));
    }

    @Test
    void readsAreBounded() {
        storage.putIfAbsent(FILE, bytes("four"));
        assertThat(storage.read(FILE, 4)).isEqualTo(bytes("four"));
        rejected("FILE_TOO_LARGE", () -> storage.read(FILE, 3));
    }

    @Test
    void allSpellingsOfS3ReachOneObject() {
        storage.putIfAbsent("s3a://lake/a", bytes("one"));
        assertThat(storage.putIfAbsent("s3n://lake/a", bytes("two"))).isEqualTo(PutOutcome.ALREADY_THERE);
        assertThat(storage.read("s3://lake/a", 10)).isEqualTo(bytes("one"));
        assertThat(storage.input("s3a://lake/a").exists()).isTrue();
    }

    @Test
    void aStoreWithOneWinnerPassesTheProbe() {
        assertThat(storage.conditionalPutIsAtomic("s3://lake/results")).isTrue();
        assertThat(s3.objects).isEmpty();
    }

    @Test
    void aStoreThatLetsTwoWinIsRefused() {
        s3.racy = true;
        assertThat(storage.conditionalPutIsAtomic("s3://lake/results")).isFalse();
        assertThat(s3.objects).isEmpty();
    }

    @Test
    void aStoreWithoutConditionsIsRefused() {
        s3.faults.add(Fault.NOT_IMPLEMENTED);
        rejected("UNSUPPORTED_STORE", () -> storage.putIfAbsent(FILE, bytes("one")));
        s3.faults.add(Fault.NOT_IMPLEMENTED);
        assertThat(storage.conditionalPutIsAtomic("s3://lake/results")).isFalse();
    }

    @Test
    void secretsAreMasked() {
        s3.faults.add(Fault.BAD_KEY);
        LakeException fault = outage(() -> storage.read(FILE, 10));
        for (Throwable t = fault; t != null; t = t.getCause()) {
            assertThat(t.toString()).doesNotContain("AKIDEXAMPLE").doesNotContain("wJalrXUtnFEMI");
        }
    }

    @Test
    void theEnvironmentConfiguresTheStore() {
        assertThat(S3Properties.ofEnvironment(Map.of(
                        "AWS_ACCESS_KEY_ID",
                        "a",
                        "AWS_SECRET_ACCESS_KEY",
                        "b",
                        "AWS_REGION",
                        "eu-west-1",
                        "S3_BUCKET",
                        "x")))
                .isEqualTo(Map.of("s3.access-key-id", "a", "s3.secret-access-key", "b", "client.region", "eu-west-1"));
        assertThat(S3Properties.ofEnvironment(Map.of("AWS_ACCESS_KEY_ID", "a", "AWS_SECRET_ACCESS_KEY", " ")))
                .isEmpty();
        assertThat(S3Properties.ofEnvironment(Map.of("AWS_ENDPOINT_URL", "http://localhost:9000")))
                .isEqualTo(Map.of("s3.endpoint", "http://localhost:9000", "s3.path-style-access", "true"));
    }

    @Test
    void aFileThatWasReplacedIsNotDeleted() {
        storage.putIfAbsent(FILE, bytes("old"));
        String etag = storage.etag(FILE);
        List<AgedFile> walked = new ArrayList<>();
        storage.walk("s3://lake/results", walked::add);
        assertThat(walked).extracting(AgedFile::etag).containsExactly(etag);

        for (boolean ignores : new boolean[] {false, true}) {
            s3.ignoresConditions = ignores;
            s3.objects.put("/lake/results/r1/_manifest.json", bytes("new"));
            storage.deleteUnchanged(FILE, etag);
            assertThat(storage.read(FILE, 10)).isEqualTo(bytes("new"));
            storage.deleteUnchanged(FILE, storage.etag(FILE));
            rejected("FILE_NOT_FOUND", () -> storage.read(FILE, 10));
            storage.deleteUnchanged(FILE, etag);
        }
    }

    @Test
    void aFileThatIsReplacedAfterTheLookIsNotDeletedByAStoreWithConditions() {
        storage.putIfAbsent(FILE, bytes("old"));
        String etag = storage.etag(FILE);
        s3.beforeDelete = () -> s3.objects.put("/lake/results/r1/_manifest.json", bytes("new"));

        storage.deleteUnchanged(FILE, etag);

        assertThat(storage.read(FILE, 10)).isEqualTo(bytes("new"));
    }

    @Test
    void aStoreThatRefusesTheConditionDeletesAfterTheLook() {
        storage.putIfAbsent(FILE, bytes("old"));
        String etag = storage.etag(FILE);
        s3.refusesConditionalDeletes = true;

        storage.deleteUnchanged(FILE, etag);

        rejected("FILE_NOT_FOUND", () -> storage.read(FILE, 10));
        s3.objects.put("/lake/results/r1/_manifest.json", bytes("new"));
        storage.deleteUnchanged(FILE, etag);
        assertThat(storage.read(FILE, 10)).isEqualTo(bytes("new"));
    }

    private static LakeException outage(Runnable call) {
        try {
            call.run();
        } catch (LakeOutage outage) {
            assertThat(outage.code()).isEqualTo("STORAGE_UNAVAILABLE");
            assertThat(outage).hasMessageStartingWith("[s3://lake/");
            return outage;
        }
        throw new AssertionError("no outage");
    }

    private static void rejected(String code, Runnable call) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        LakeRejection.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
