package dev.firn.retrieval.job;

import static dev.firn.retrieval.job.Given.all;
import static dev.firn.retrieval.job.Given.files;
import static dev.firn.retrieval.job.Given.ids;
import static dev.firn.retrieval.job.Given.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.engine.BudgetExceededException;
import dev.firn.engine.JoinMemory;
import dev.firn.engine.MemoryBudget;
import dev.firn.events.SpineKind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.apache.iceberg.Table;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A retrieval while other jobs of the worker hold the memory.
final class MemoryWaitTest {
    private final MemoryBudget budget = new MemoryBudget(64L << 20);

    @Test
    void failsWhileMemoryIsTakenAndSucceedsOnceItIsFree(@TempDir Path folder) {
        try (LakeFixture lake = new LakeFixture(folder)) {
            lake.facts("facts", "1 | 2024-01-01 | 10");

            try (MemoryBudget.Lease _ = budget.acquire(budget.bytes(), "another")) {
                assertThatThrownBy(() ->
                                lake.retrieve(request(ids("id", "1"), "facts:value"), budget, Duration.ofMillis(1)))
                        .isInstanceOf(BudgetExceededException.class);
            }

            assertThat(lake.retrieve(request(ids("id", "1"), "facts:value"), budget, Duration.ofMillis(1))
                            .column("value"))
                    .containsExactly("10");
            assertThat(budget.available()).isEqualTo(budget.bytes());
        }
    }

    /// The ages of the winners stay until the end, so they count beside what a slice needs.
    @Test
    void countsTheAgesOfWinners(@TempDir Path folder) {
        try (LakeFixture lake = new LakeFixture(folder)) {
            lake.facts("facts", "1 | 2024-01-01 | 10");
            int rows = 40_000;
            String spine = lake.spineFile("s.csv", "id,event_timestamp\n" + "1,2024-02-01\n".repeat(rows));
            AtomicLong held = new AtomicLong();

            lake.retrieve(
                    request(files(SpineKind.CSV, spine), "facts:value"),
                    budget,
                    Duration.ofMillis(1),
                    new Cancellation(),
                    (stage, _, _, _, _) -> {
                        if (stage == Stage.WRITE) {
                            held.set(budget.bytes() - budget.available());
                        }
                    });

            long spineBytes = 2 * 2 * Long.BYTES;
            long joinBytes = JoinMemory.winnerBytesPerRow() + JoinMemory.joinBytesPerRow(1);
            assertThat(held.get() / rows).isBetween(spineBytes + joinBytes + 24, spineBytes + joinBytes + 30);
        }
    }

    /// The keys of a spine without rows leave memory for the deletes of their table.
    @Test
    void keysOfASpineLeaveMemoryForDeletes(@TempDir Path folder) {
        try (LakeFixture lake = new LakeFixture(folder)) {
            Table facts = lake.table("facts", LakeFixture.FACTS);
            lake.append(facts, "1 | 2024-01-01 | 10", "2 | 2024-01-01 | 20");
            TableFiles.deleteEqual(facts, "id", "2");
            lake.register(lake.view(facts, List.of("id"), List.of("value")));

            try (MemoryBudget.Lease _ = budget.acquire(52L << 20, "another")) {
                assertThat(lake.retrieve(request(all(), "facts:value"), budget, Duration.ofMillis(1))
                                .column("value"))
                        .containsExactly("10");
            }
        }
    }

    /// Whether keys fit is not decided by what happens to be free.
    @Test
    void keysThatDoNotFitForNowAreCollectedLater(@TempDir Path folder) {
        try (LakeFixture lake = new LakeFixture(folder)) {
            Table facts = lake.table("facts", "id string, event timestamptz, value int");
            String wide = "k".repeat(200_000);
            lake.append(
                    facts,
                    IntStream.range(0, 60)
                            .mapToObj(i -> wide + i + " | 2024-01-01 | " + i)
                            .toArray(String[]::new));
            lake.register(lake.view(facts, List.of("id"), List.of("value")));

            try (MemoryBudget.Lease _ = budget.acquire(budget.bytes() - (9L << 20), "another")) {
                assertThatThrownBy(() -> lake.retrieve(request(all(), "facts:value"), budget, Duration.ofMillis(1)))
                        .isInstanceOf(BudgetExceededException.class);
            }

            assertThat(lake.retrieve(request(all(), "facts:value"), budget, Duration.ofMillis(1))
                            .rows())
                    .hasSize(60);
            assertThat(budget.available()).isEqualTo(budget.bytes());
        }
    }
}
