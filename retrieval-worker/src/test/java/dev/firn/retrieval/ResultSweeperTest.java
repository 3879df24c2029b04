package dev.firn.retrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.lake.storage.Storage;
import dev.firn.service.result.ResultLayout;
import dev.firn.service.result.ResultSweep;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ResultSweeperTest {
    private static final Instant NOW = Instant.parse("2026-03-01T00:00:00Z");
    private static final Duration INTERVAL = Duration.ofHours(6);

    private final Path root;
    private final Storage storage = Storage.open(Map.of("client.region", "us-east-1"));
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();

    ResultSweeperTest(@TempDir Path root) {
        this.root = root;
    }

    @AfterEach
    void close() {
        storage.close();
    }

    @Test
    void oneWorkerSweepsInEachInterval() throws IOException {
        Path first = leftover("id");
        sweep("worker-1", NOW);
        assertThat(first).doesNotExist();
        assertThat(metrics.get("firn.results.swept.files")
                        .tag("reason", "UNDECIDED")
                        .counter()
                        .count())
                .isEqualTo(1);

        Path second = leftover("id2");
        sweep("worker-2", NOW);
        assertThat(second).exists();
        sweep("worker-2", NOW.plus(INTERVAL));
        assertThat(second).doesNotExist();
    }

    @Test
    void stopsBetweenTwoRequestsWhenItIsClosed() throws IOException {
        Path file = leftover("id");
        ResultSweeper sweeper = sweeper("worker-1", NOW);
        sweeper.close();

        assertThatThrownBy(sweeper::sweepOnce).isInstanceOf(CancellationException.class);
        assertThat(file).exists();
    }

    private void sweep(String worker, Instant at) {
        try (ResultSweeper sweeper = sweeper(worker, at)) {
            sweeper.sweepOnce();
        }
    }

    private ResultSweeper sweeper(String worker, Instant at) {
        return new ResultSweeper(
                new ResultSweeper.Place(
                        storage, new ResultLayout(root.toString()), INTERVAL, Clock.fixed(at, ZoneOffset.UTC)),
                new ResultSweep.Limits(Duration.ofDays(1), Optional.empty(), Optional.empty()),
                worker,
                metrics);
    }

    private Path leftover(String id) throws IOException {
        Path file = root.resolve(id).resolve("1/token/part-00000000.parquet");
        Files.createDirectories(file.getParent());
        Files.writeString(file, "");
        return Files.setLastModifiedTime(file, FileTime.from(NOW.minus(Duration.ofDays(9))));
    }
}
