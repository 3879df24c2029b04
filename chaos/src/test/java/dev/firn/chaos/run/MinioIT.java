package dev.firn.chaos.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.lake.storage.Storage;
import dev.firn.testkit.Missing;
import dev.firn.testkit.TestStack;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Results on MinIO, a store that Firn does not bring along: conditional PUTs, and whole retrievals that race,
/// with a quarter of the counts of the fault suite.
final class MinioIT {
    private static final int PROBES = 5;

    private static @Nullable MinioServer minio;

    @BeforeAll
    static void start(@TempDir Path folder) {
        Path program = MinioServer.program().orElse(null);
        if (program == null) {
            Missing.skipOrFail("MinIO: build it with scripts/minio, which needs Go");
        } else {
            minio = MinioServer.start(program, folder.resolve("data"));
        }
    }

    @AfterAll
    static void stop() {
        if (minio != null) {
            minio.close();
        }
    }

    private static ResultStoreAddress address() {
        return Objects.requireNonNull(minio).address();
    }

    @Test
    void oneOfManyConditionalPutsWins() {
        try (Storage storage = Storage.open(address().properties())) {
            for (int i = 0; i < PROBES; i++) {
                assertThat(storage.conditionalPutIsAtomic("s3://lake/probe/" + i))
                        .as("probe %d", i)
                        .isTrue();
            }
        }
    }

    @Test
    void racingWorkersGiveEachRequestOneAnswer() {
        ChaosPlan suite = ChaosPlan.fromProperties();
        ChaosPlan plan = new ChaosPlan(suite.scale() / 4, suite.seed(), suite.part(), suite.parts());
        ChaosReport report = new ChaosReport(plan);
        try (ChaosRun run = new ChaosRun(plan, TestStack.shared(), address())) {
            for (Scenario scenario : List.of(new TwoWorkersOnOneId(), new StoreFaults())) {
                Outcome outcome = report.run(scenario, run);
                report.write(Path.of("target", "minio"));
                assertThat(outcome.problems())
                        .as("%s, -Dfirn.seed=%d", scenario.fault(), plan.seed())
                        .isEmpty();
            }
        }
        System.out.println(report.text());
    }
}
