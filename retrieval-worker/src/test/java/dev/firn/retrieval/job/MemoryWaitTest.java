package dev.firn.retrieval.job;

import static dev.firn.retrieval.job.Given.ids;
import static dev.firn.retrieval.job.Given.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.engine.BudgetExceededException;
import dev.firn.engine.MemoryBudget;
import java.nio.file.Path;
import java.time.Duration;
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
}
