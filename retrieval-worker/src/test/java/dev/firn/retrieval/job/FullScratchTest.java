package dev.firn.retrieval.job;

import static dev.firn.retrieval.job.Given.idsAndTimes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.firn.events.RetrievalRequest;
import dev.firn.lake.LakeOutage;
import dev.firn.lake.scratch.Scratch;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.iceberg.Table;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A full disk for temporary files fails the attempt, not the request, and leaves nothing behind.
final class FullScratchTest {
    private static final int ROWS = 3_000;
    private static final int BUDGET_BYTES = 1 << 20;

    private Path folder = Path.of("target");
    private LakeFixture lake;

    @BeforeEach
    void open(@TempDir Path temporary) {
        folder = temporary;
        lake = new LakeFixture(temporary);
        Table facts = lake.table("facts", "id long, event timestamptz, note string");
        Random random = new Random(7);
        lake.append(
                facts,
                IntStream.range(0, ROWS)
                        .mapToObj(id -> id + " | 2024-01-01 | " + note(random))
                        .toArray(String[]::new));
        lake.register(lake.view(facts, List.of("id"), List.of("note")));
    }

    @AfterEach
    void close() {
        Scratch.use(Path.of(System.getProperty("java.io.tmpdir")), Scratch.QUOTA_BYTES);
        lake.close();
    }

    @Test
    void anAttemptThatFindsTheDiskFullIsMadeAgain() {
        List<?> expected = lake.retrieve(request()).rows();

        try (Scratch full = Scratch.use(folder.resolve("full"), 100_000)) {
            LakeOutage outage = catchThrowableOfType(
                    LakeOutage.class, () -> lake.withBudget(BUDGET_BYTES).retrieve(request()));
            assertThat(outage.code()).isEqualTo("SCRATCH_FULL");
            assertThat(full.usedBytes()).isZero();
        }
        try (Scratch roomy = Scratch.use(folder.resolve("roomy"), 1 << 30)) {
            assertThat(lake.withBudget(BUDGET_BYTES).retrieve(request()).rows()).isEqualTo(expected);
            assertThat(roomy.usedBytes()).isZero();
        }
    }

    /// Compresses to no less than half its size.
    private static String note(Random random) {
        byte[] bytes = new byte[1_000];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    private static RetrievalRequest.Builder request() {
        return Given.request(
                idsAndTimes(IntStream.range(0, ROWS)
                        .boxed()
                        .map(id -> id + " 2024-02-01T00:00:00Z")
                        .toArray(String[]::new)),
                "facts:note");
    }
}
