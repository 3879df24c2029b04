package dev.firn.gateway.retrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.SpineKind;
import dev.firn.events.StandingRetrieval;
import dev.firn.gateway.problem.Refusal;
import dev.firn.lake.storage.Storage;
import dev.firn.schemas.EventClasses;
import dev.firn.schemas.EventJson;
import dev.firn.service.result.Manifest;
import dev.firn.service.result.ResultLayout;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Which uploads are deleted.
final class UploadSweepTest {
    private static final Duration TTL = Duration.ofDays(10);
    private static final Duration OLD = TTL.plusDays(1);

    static {
        EventClasses.trust();
    }

    private final Storage storage = Storage.open(Map.of("client.region", "us-east-1"));
    private final Instant now = Instant.now();
    private final Clock clock = Clock.fixed(now, ZoneOffset.UTC);
    private Path folder;
    private Uploads uploads;
    private Outcomes outcomes;
    private UploadSweep sweep;

    @BeforeEach
    void open(@TempDir Path temporary) throws IOException {
        folder = temporary.resolve("uploads");
        Path scratch = Files.createDirectory(temporary.resolve("scratch"));
        uploads = new Uploads(storage, new Uploads.Settings(folder.toString(), scratch, 1 << 20, 1 << 20));
        ResultLayout layout = new ResultLayout(temporary.resolve("results").toString());
        outcomes = new Outcomes(storage, layout, 1 << 20, new Semaphore(1));
        sweep = new UploadSweep(storage, folder.toString(), outcomes, TTL, clock);
    }

    @AfterEach
    void close() {
        storage.close();
    }

    /// The location of rows that were uploaded, and used last, long ago.
    private String old(String rows) throws IOException {
        String location = upload(rows);
        age(location, OLD);
        return location;
    }

    private String upload(String rows) throws IOException {
        return uploads.put(
                new ByteArrayInputStream(rows.getBytes(StandardCharsets.UTF_8)), rows.length(), SpineKind.CSV);
    }

    private void age(String upload, Duration age) {
        for (String file : List.of(upload, Uploads.mark(upload))) {
            try {
                Files.setLastModifiedTime(Path.of(file), FileTime.from(now.minus(age)));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private void decide(String id, String request, String pins) {
        RetrievalResult result = EventJson.read(RetrievalResult.class, EventJson.object("""
                {"request_id": "%s", "request_digest": "d", "status": "SUCCEEDED", "message": "",
                 "completed_at": "2026-01-01T00:00:00Z"}
                """.formatted(id)));
        String text = new String(new Manifest(result, null, null, "w").toBytes(), StandardCharsets.UTF_8)
                .replace("\"request\" : null", "\"request\" : " + request)
                .replace("\"pins\" : null", "\"pins\" : " + pins);
        storage.putIfAbsent(outcomes.layout().manifest(id), text.getBytes(StandardCharsets.UTF_8));
    }

    private static String request(String location) {
        return """
                {"request_id": "r", "features": ["v:f"], "spine": {"kind": "CSV", "locations": ["%s"]}}
                """.formatted(location);
    }

    private boolean exists(String location) {
        return !storage.list(location).isEmpty();
    }

    private long files() throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile).count();
        }
    }

    @Test
    void whatNothingNamesIsDeletedWithItsMark() throws IOException {
        String unused = old("a\n1\n");
        String young = upload("a\n2\n");
        age(young, TTL.minusMinutes(1));

        assertThat(sweep.sweep(List::of)).isEqualTo(1);

        assertThat(exists(unused)).isFalse();
        assertThat(exists(young)).isTrue();
        assertThat(files()).isEqualTo(2);
    }

    /// The same rows again, or a request that names them: the file is as old as before.
    @Test
    void theAgeCountsFromTheLastUse() throws IOException {
        String again = old("a\n1\n");
        String named = old("a\n2\n");
        upload("a\n1\n");
        uploads.useAllOf(EventJson.read(RetrievalRequest.class, EventJson.object(request(named))));
        for (String file : List.of(again, named)) {
            Files.setLastModifiedTime(Path.of(file), FileTime.from(now.minus(OLD)));
        }

        assertThat(sweep.sweep(List::of)).isZero();

        assertThat(exists(again)).isTrue();
        assertThat(exists(named)).isTrue();
    }

    @Test
    void whatAResultNamesIsKept() throws IOException {
        String byRequest = old("a\n1\n");
        String byPins = old("a\n2\n");
        String unused = old("a\n3\n");
        decide("train-1", request(byRequest), "null");
        decide(
                "train-2",
                "null",
                "{\"as_of\": \"2026-01-01T00:00:00Z\", \"views\": [], \"spine_etags\": {\"%s\": \"e\"}}"
                        .formatted(byPins));

        assertThat(sweep.sweep(List::of)).isEqualTo(1);
        assertThat(exists(byRequest)).isTrue();
        assertThat(exists(byPins)).isTrue();
        assertThat(exists(unused)).isFalse();

        storage.delete(List.of(outcomes.layout().manifest("train-1")));
        assertThat(sweep.sweep(List::of)).isEqualTo(1);
        assertThat(exists(byRequest)).isFalse();
    }

    @Test
    void whatAStandingRetrievalNamesIsKept() throws IOException {
        String byFile = old("a\n1\n");

        assertThat(sweep.sweep(() -> List.of(byFile))).isZero();
        assertThat(sweep.sweep(() -> List.of(folder + "/"))).isZero();
        assertThat(exists(byFile)).isTrue();
    }

    @Test
    void nothingIsDeletedIfAManifestCannotBeRead() throws IOException {
        String unused = old("a\n1\n");
        storage.putIfAbsent(outcomes.layout().manifest("damaged"), "{".getBytes(StandardCharsets.UTF_8));

        assertThatThrownBy(() -> sweep.sweep(List::of)).isInstanceOf(Refusal.class);
        assertThat(exists(unused)).isTrue();
    }

    @Test
    void nothingIsDeletedIfTheStandingRetrievalsAreNotKnown() throws IOException {
        String unused = old("a\n1\n");

        assertThatThrownBy(() -> sweep.sweep(() -> {
                    throw new IllegalStateException("not known");
                }))
                .isInstanceOf(IllegalStateException.class);
        assertThat(exists(unused)).isTrue();
    }

    /// While the manifests were read, somebody sent the same rows again.
    @Test
    void whatComesIntoUseDuringTheSweepIsKept() throws IOException {
        String used = old("a\n1\n");

        assertThat(sweep.sweep(() -> {
                    uploads.use(used);
                    return List.of();
                }))
                .isZero();
        assertThat(exists(used)).isTrue();
    }

    @Test
    void otherFilesAreLeftAlone() throws IOException {
        Files.createDirectories(folder);
        Path other = Files.writeString(folder.resolve("notes.txt"), "mine");
        Files.setLastModifiedTime(other, FileTime.from(now.minus(OLD)));

        assertThat(sweep.sweep(List::of)).isZero();
        assertThat(other).exists();
    }

    @Test
    void oneGatewayOfAllSweepsAnInterval() throws IOException {
        SimpleMeterRegistry metrics = new SimpleMeterRegistry();
        StandingRetrieval cancelled =
                EventJson.read(StandingRetrieval.class, EventJson.object("""
                {"standing_id": "daily", "version": 2, "status": "CANCELLED", "request_id": "r",
                 "updated_at": "2026-01-01T00:00:00Z", "retrieval": %s}
                """.formatted(request(folder + "/"))));
        UploadSweeper.Settings settings =
                new UploadSweeper.Settings(folder.toString(), TTL, Duration.ofHours(6), Duration.ofDays(1));
        try (UploadSweeper one =
                        new UploadSweeper(outcomes, storage, settings, () -> List.of(cancelled), clock, metrics);
                UploadSweeper other =
                        new UploadSweeper(outcomes, storage, settings, () -> List.of(cancelled), clock, metrics)) {
            one.sweepOnce();
            String unused = old("a\n1\n");
            other.sweepOnce();
            assertThat(exists(unused)).isTrue();

            // the claim of the interval is old enough to go
            storage.walk(folder + "/_sweeps", claim -> storage.delete(List.of(claim.location())));
            other.sweepOnce();
            assertThat(exists(unused)).isFalse();
            assertThat(metrics.counter("firn.gateway.swept.uploads").count()).isEqualTo(1);
        }
    }
}
