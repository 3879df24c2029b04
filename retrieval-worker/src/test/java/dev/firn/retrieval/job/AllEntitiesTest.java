package dev.firn.retrieval.job;

import static dev.firn.retrieval.job.Given.all;
import static dev.firn.retrieval.job.Given.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.engine.BytesColumn;
import dev.firn.engine.EntityCollector;
import dev.firn.engine.FeatureBatch;
import dev.firn.engine.KeyOrder;
import dev.firn.engine.Nulls;
import dev.firn.engine.TimeBounds;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.iceberg.Table;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AllEntitiesTest {
    /// More than any pass may hold of keys.
    private static final int KEY_LENGTH = 200_000;

    @Test
    void refusesAKeyThatDoesNotFitInMemoryInAnyNumberOfPasses(@TempDir Path folder) {
        try (LakeFixture lake = new LakeFixture(folder)) {
            Table wide = lake.table("wide", "id string, event timestamptz, value int");
            lake.append(wide, keyOfTheFirstPass() + " | 2024-01-01 | 10");
            lake.register(lake.view(wide, List.of("id"), List.of("value")));

            assertThat(lake.withBudget(1 << 20).codes(request(all(), "wide:value")))
                    .containsExactly("OUT_OF_BUDGET");
        }
    }

    /// A key that the first of 4,096 passes collects, and so the first of fewer. Each failing round then ends at once.
    private static String keyOfTheFirstPass() {
        return IntStream.iterate(0, i -> i + 1)
                .mapToObj(i -> "k".repeat(KEY_LENGTH) + i)
                .filter(AllEntitiesTest::isOfTheFirstPass)
                .findFirst()
                .orElseThrow();
    }

    private static boolean isOfTheFirstPass(String key) {
        EntityCollector collector =
                new EntityCollector(List.of(KeyOrder.UNSIGNED_BYTES), 0, 1 << 12, 1, Long.MAX_VALUE);
        collector
                .intake(new TimeBounds(new long[1], null, new long[1], Nulls.NONE))
                .accept(new FeatureBatch(
                        1, List.of(BytesColumn.ofStrings(key)), new long[1], Nulls.NONE, null, Nulls.NONE, 0));
        return collector.size() == 1;
    }
}
