package dev.firn.service.result;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.lake.storage.AgedFile;
import dev.firn.lake.storage.Location;
import dev.firn.lake.storage.Storage;
import dev.firn.lake.storage.StoredFile;
import dev.firn.schemas.EventClasses;
import dev.firn.service.result.ResultSweep.Leftover;
import dev.firn.service.result.ResultSweep.Reason;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ResultSweepTest {
    private static final Instant NOW = Instant.parse("2026-03-01T00:00:00Z");
    private static final Duration OLD = Duration.ofDays(2);
    private static final Duration YOUNG = Duration.ofHours(1);

    static {
        EventClasses.trust();
    }

    @TempDir
    Path root;

    private final Storage storage = Storage.open(Map.of("client.region", "us-east-1"));
    private final List<Leftover> found = new ArrayList<>();
    private Optional<Duration> ttl = Optional.empty();
    private Optional<Duration> replacedTtl = Optional.empty();

    @BeforeEach
    void probe() throws IOException {
        put("_standing/daily/abc.json", Duration.ofDays(1_000), "{}");
    }

    @AfterEach
    void close() {
        storage.close();
    }

    @Test
    void keepsADecidedResult() throws IOException {
        put("id/1/token/part-00000000.parquet", Duration.ofDays(300), "");
        put("id/1/_token/claim.json", Duration.ofDays(300), "");
        put("id/1/_token/target.json", Duration.ofDays(300), "");
        decide("id", "id/1/token", null, Duration.ofDays(300));

        assertThat(sweep()).isEmpty();
    }

    @Test
    void findsTheFilesOfATryThatDidNotDecide() throws IOException {
        put("id/1/killed/part-00000000.parquet", OLD, "");
        put("id/1/_killed/claim.json", OLD, "");
        put("id/2/lost/part-00000000.parquet", OLD, "");
        put("id/2/_lost/claim.json", OLD, "");
        put("id/2/won/part-00000000.parquet", OLD, "");
        put("id/3/young/part-00000000.parquet", YOUNG, "");
        decide("id", "id/2/won", null, OLD);

        assertThat(sweep())
                .containsExactly(
                        leftover("id", Reason.LOST, "id/1/killed/part-00000000.parquet"),
                        leftover("id", Reason.LOST, "id/2/lost/part-00000000.parquet"));
    }

    @Test
    void findsTheStateAndTheChangesOfATryThatDidNotDecide() throws IOException {
        put("run/1/_killed/changes/part-00000000.parquet", OLD, "");
        put("run/1/_killed/state.parquet", OLD, "");
        put("run/1/_killed/claim.json", OLD, "");
        put("run/1/killed/part-00000000.parquet", OLD, "");
        put("run/2/_won/changes/part-00000000.parquet", OLD, "");
        put("run/2/_won/state.parquet", OLD, "");
        put("run/2/_won/claim.json", OLD, "");
        put("run/2/won/part-00000000.parquet", OLD, "");
        decide("run", "run/2/won", "daily", OLD);

        assertThat(sweep())
                .containsExactly(leftover(
                        "run",
                        Reason.LOST,
                        "run/1/_killed/changes/part-00000000.parquet",
                        "run/1/_killed/state.parquet",
                        "run/1/killed/part-00000000.parquet"));
    }

    /// The worker was killed after it had decided a failure and before it had deleted the files of its attempt;
    /// or before, and the request was then decided without an attempt.
    @Test
    void findsTheFilesOfAnAttemptWhoseOutcomeNamesNoFolder() throws IOException {
        put("id/1/token/part-00000000.parquet", OLD, "");
        put("id/1/_token/claim.json", OLD, "");
        decide("id", null, null, OLD);

        assertThat(sweep()).containsExactly(leftover("id", Reason.LOST, "id/1/token/part-00000000.parquet"));
    }

    @Test
    void findsTheOnlyFilesWhenTheOutcomeNamesAnotherFolder() throws IOException {
        put("id/1/token/part-00000000.parquet", OLD, "");
        put("id/1/_token/claim.json", OLD, "");
        decide("id", "id/1/another", null, OLD);

        assertThat(sweep()).containsExactly(leftover("id", Reason.LOST, "id/1/token/part-00000000.parquet"));
    }

    /// A worker that stalls may still decide, and the result would name the files.
    @Test
    void leavesARequestWithoutAnOutcomeAloneWhileItMayRun() throws IOException {
        put("id/1/token/part-00000000.parquet", Duration.ofDays(7), "");
        put("id/1/_token/claim.json", Duration.ofDays(7), "");

        assertThat(sweep()).isEmpty();
    }

    @Test
    void findsARequestThatWasNeverDecided() throws IOException {
        put("id/1/token/part-00000000.parquet", Duration.ofDays(9), "");
        put("id/1/_token/claim.json", Duration.ofDays(9), "");

        assertThat(sweep())
                .containsExactly(
                        leftover("id", Reason.UNDECIDED, "id/1/_token/claim.json", "id/1/token/part-00000000.parquet"));
    }

    @Test
    void findsExpiredResultsAndDeletesTheirManifestLast() throws IOException {
        ttl = Optional.of(Duration.ofDays(30));
        for (String id : List.of("expired", "kept")) {
            Duration age = Duration.ofDays(id.equals("kept") ? 29 : 31);
            put(id + "/1/token/part-00000000.parquet", age, "");
            put(id + "/1/_token/target.json", age, "");
            decide(id, id + "/1/token", null, age);
        }

        assertThat(sweep())
                .containsExactly(leftover(
                        "expired",
                        Reason.EXPIRED,
                        "expired/1/_token/target.json",
                        "expired/1/token/part-00000000.parquet",
                        "expired/_manifest.json"));
    }

    /// Its record may name the result for as long as it exists.
    @Test
    void keepsTheResultsOfStandingRetrievals() throws IOException {
        ttl = Optional.of(Duration.ofDays(30));
        put("run/1/token/part-00000000.parquet", Duration.ofDays(31), "");
        decide("run", "run/1/token", "daily", Duration.ofDays(31));

        assertThat(sweep()).isEmpty();
    }

    /// The third run starts from the second one, which its record may still name, and shows that the first is replaced.
    @Test
    void findsRunsThatNobodyStartsFromAnyMore() throws IOException {
        replacedTtl = Optional.of(Duration.ofDays(30));
        put(run(1) + "/1/token/part-00000000.parquet", Duration.ofDays(60), "");
        put(run(1) + "/1/_token/changes/part-00000000.parquet", Duration.ofDays(60), "");
        put(run(1) + "/1/_token/state.parquet", Duration.ofDays(60), "");
        put(run(1) + "/1/_token/target.json", Duration.ofDays(60), "");
        ran(1, null, Duration.ofDays(60));
        ran(2, run(1), Duration.ofDays(50));
        ran(3, run(2), Duration.ofDays(31));
        ran(4, run(3), Duration.ofDays(29));

        assertThat(sweep())
                .containsExactly(leftover(
                        run(1),
                        Reason.REPLACED,
                        run(1) + "/1/_token/changes/part-00000000.parquet",
                        run(1) + "/1/_token/state.parquet",
                        run(1) + "/1/_token/target.json",
                        run(1) + "/1/token/part-00000000.parquet",
                        run(1) + "/_manifest.json"));
    }

    @Test
    void keepsReplacedRunsUnlessItIsAsked() throws IOException {
        ttl = Optional.of(Duration.ofDays(30));
        ran(1, null, Duration.ofDays(60));
        ran(2, run(1), Duration.ofDays(50));
        ran(3, run(2), Duration.ofDays(40));
        assertThat(sweep()).isEmpty();
    }

    /// Runs that fail start from the last successful one, so that is kept however many of them follow.
    @Test
    void keepsWhatTheLastRunsStartedFrom() throws IOException {
        replacedTtl = Optional.of(Duration.ofDays(30));
        ran(1, null, Duration.ofDays(60));
        ran(2, run(1), Duration.ofDays(59));
        for (int failed = 3; failed < 6; failed++) {
            ran(failed, run(2), Duration.ofDays(55 - failed));
        }
        assertThat(sweep()).extracting(Leftover::owner).containsExactly(run(1));
    }

    /// A deployment that lost its topics counts from 1 again. The runs of its earlier life have larger numbers.
    @Test
    void keepsRunsOfANewLifeWithSmallerNumbers() throws IOException {
        replacedTtl = Optional.of(Duration.ofDays(30));
        ran(500, run(499), Duration.ofDays(90));
        ran(1, null, Duration.ofDays(60));
        assertThat(sweep()).isEmpty();

        ran(2, run(1), Duration.ofDays(50));
        ran(3, run(2), Duration.ofDays(40));
        assertThat(sweep()).extracting(Leftover::owner).containsExactly(run(1));
    }

    @Test
    void believesNoRunThatNamesAnothersRun() throws IOException {
        replacedTtl = Optional.of(Duration.ofDays(30));
        ran(1, null, Duration.ofDays(60));
        ran(2, "weekly.r9.0123456789abcdef", Duration.ofDays(50));
        assertThat(sweep()).isEmpty();
    }

    @Test
    void knowsTheRunsOfEachStandingRetrievalApart() throws IOException {
        replacedTtl = Optional.of(Duration.ofDays(30));
        ran(7, run(6), Duration.ofDays(40));
        decide("daily.r.r1.0123456789abcdef", null, "daily.r", Duration.ofDays(60));
        decide("dail.r1.0123456789abcdef", null, "dail", Duration.ofDays(60));
        assertThat(sweep()).isEmpty();
    }

    private static String run(int number) {
        return "daily.r%d.0123456789abcdef".formatted(number);
    }

    private void ran(int number, @Nullable String previous, Duration age) throws IOException {
        RetrievalResult result = result(run(number), null, "daily");
        put(
                run(number) + "/_manifest.json",
                age,
                new String(
                        new Manifest(result, null, null, "worker", "", null, Set.of(), previous).toBytes(),
                        StandardCharsets.UTF_8));
    }

    @Test
    void leavesAloneWhatItCannotRead() throws IOException {
        ttl = Optional.of(Duration.ofDays(30));
        put("id/1/a/part-00000000.parquet", Duration.ofDays(31), "");
        put("id/1/b/part-00000000.parquet", Duration.ofDays(31), "");
        put("id/_manifest.json", Duration.ofDays(31), "{");

        assertThat(sweep()).isEmpty();
    }

    @Test
    void findsProbesAndTheClaimsOfSweeps() throws IOException {
        put("_probe/_probe-1", OLD, "");
        put("_probe/_probe-2", YOUNG, "");
        put("_sweep/7.json", OLD, "");

        assertThat(sweep())
                .containsExactly(
                        leftover("_probe", Reason.PROBE, "_probe/_probe-1"),
                        leftover("_sweep", Reason.PROBE, "_sweep/7.json"));
    }

    /// Both sweeps find the expired result. The first one deletes it, and a new request decides under its id.
    @Test
    void aSecondSweepAtTheSameTimeKeepsANewOutcome() throws IOException {
        ttl = Optional.of(Duration.ofDays(90));
        put("id/1/token/part-00000000.parquet", Duration.ofDays(100), "");
        decide("id", "id/1/token", null, Duration.ofDays(100));
        sweep(listingEtags());
        Leftover second = found.getFirst();
        assertThat(second.reason()).isEqualTo(Reason.EXPIRED);
        assertThat(second.etags()).containsOnlyKeys(location("id/_manifest.json"));
        second.delete(storage);
        assertThat(storage.list(location("id") + "/")).isEmpty();

        decide("id", "id/1/other", null, Duration.ZERO);
        second.delete(storage);

        assertThat(storage.list(location("id") + "/"))
                .extracting(StoredFile::location)
                .containsExactly(location("id/_manifest.json"));
    }

    /// The local file system lists no ETags, stores do.
    private Storage listingEtags() {
        return (Storage) Proxy.newProxyInstance(
                Storage.class.getClassLoader(), new Class<?>[] {Storage.class}, (_, method, args) -> {
                    if (!method.getName().equals("walk")) {
                        return method.invoke(storage, args);
                    }
                    @SuppressWarnings("unchecked")
                    Consumer<AgedFile> visitor = (Consumer<AgedFile>) args[1];
                    storage.walk(
                            (String) args[0],
                            file -> visitor.accept(
                                    new AgedFile(file.location(), file.modified(), storage.etag(file.location()))));
                    return null;
                });
    }

    /// A request that is delivered again must find its manifest.
    @Test
    void manifestsOutliveTheRequestsInTheirTopic() {
        assertThat(ResultSweep.UNDECIDED_AFTER).isEqualTo(Duration.ofDays(8));
    }

    private List<Leftover> sweep() {
        return sweep(storage);
    }

    private List<Leftover> sweep(Storage storage) {
        new ResultSweep(
                        storage,
                        new ResultLayout(root.toString()),
                        new ResultSweep.Limits(Duration.ofDays(1), ttl, replacedTtl),
                        Clock.fixed(NOW, ZoneOffset.UTC))
                .find(found::add);
        return found;
    }

    private Leftover leftover(String owner, Reason reason, String... files) {
        return new Leftover(
                owner,
                reason,
                List.of(files).stream().map(file -> location(file)).toList(),
                Map.of());
    }

    private String location(String file) {
        return Location.parse(root.resolve(file).toString()).toString();
    }

    private void decide(String id, @Nullable String folder, @Nullable String standingId, Duration age)
            throws IOException {
        RetrievalResult result = result(id, folder, standingId);
        put(
                id + "/_manifest.json",
                age,
                new String(new Manifest(result, null, null, "worker").toBytes(), StandardCharsets.UTF_8));
    }

    private RetrievalResult result(String id, @Nullable String folder, @Nullable String standingId) {
        return RetrievalResult.newBuilder()
                .setRequestId(id)
                .setRequestDigest("digest")
                .setStatus(RetrievalStatus.SUCCEEDED)
                .setLocation(folder == null ? null : location(folder))
                .setMessage("")
                .setStandingId(standingId)
                .setCompletedAt(NOW)
                .build();
    }

    private void put(String path, Duration age, String content) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
        Files.setLastModifiedTime(file, FileTime.from(NOW.minus(age)));
    }
}
