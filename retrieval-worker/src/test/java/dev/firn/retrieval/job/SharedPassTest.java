package dev.firn.retrieval.job;

import static dev.firn.retrieval.job.Given.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.engine.MemoryBudget;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import dev.firn.events.ViewOutcome;
import dev.firn.events.ViewUse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Views and aliases of one table in one request: their values are those of requests for one view alone, and the table
/// is streamed once.
final class SharedPassTest {
    private static final Instant START = Instant.parse("2024-01-01T00:00:00Z");
    private static final int ROWS_PER_FILE = 80;
    private static final int SPINE_ROWS = 200;

    /// The views of the request: name, and the spine's column for their key.
    private static final Map<String, String> ALIASES = Map.of("origin", "from_id", "destination", "to_id");

    private static Table facts(LakeFixture lake, Random random) {
        Table facts = lake.table("facts", "id long, event timestamptz, created timestamptz, value int, other int");
        for (int file = 0; file < 4; file++) {
            List<String> rows = new ArrayList<>();
            for (int i = 0; i < ROWS_PER_FILE; i++) {
                rows.add("%s | %s | %s | %d | %d"
                        .formatted(
                                random.nextInt(20) == 0 ? null : random.nextInt(12),
                                START.plusSeconds(random.nextInt(60)),
                                random.nextInt(4) == 0 ? null : START.plusSeconds(random.nextInt(80)),
                                file * ROWS_PER_FILE + i,
                                -i));
            }
            DataFile written = lake.append(facts, rows.toArray(String[]::new));
            TableFiles.deletePositions(facts, written, random.nextInt(ROWS_PER_FILE));
        }
        lake.register(lake.viewOf("first", facts, List.of("id"), List.of("value")));
        lake.register(lake.viewOf("second", facts, List.of("id"), List.of("other", "value"))
                .setTtlMicros(1_000_000L * (1 + random.nextInt(30))));
        lake.register(lake.viewOf("third", facts, List.of("id"), List.of("other"))
                .setAvailableAfterMicros(1_000_000L * random.nextInt(5)));
        return facts;
    }

    private static Spine spine(Random random) {
        List<List<String>> rows = new ArrayList<>();
        for (int i = 0; i < SPINE_ROWS; i++) {
            rows.add(Given.row(
                    id(random), id(random), id(random), String.valueOf(START.plusSeconds(random.nextInt(90)))));
        }
        return Spine.newBuilder()
                .setKind(SpineKind.ROWS)
                .setColumns(List.of("id", "from_id", "to_id", "event_timestamp"))
                .setRows(rows)
                .build();
    }

    private static String id(Random random) {
        return random.nextInt(20) == 0 ? "null" : Integer.toString(random.nextInt(14));
    }

    private static List<ViewUse> uses() {
        List<ViewUse> uses = new ArrayList<>();
        ALIASES.forEach((alias, column) -> uses.add(Given.alias("second", alias, Map.of("id", column))));
        return uses;
    }

    private static RetrievalRequest.Builder asking(Spine spine, boolean byCreated, String... features) {
        return request(spine, features)
                .setViews(uses().stream()
                        .filter(use ->
                                List.of(features).stream().anyMatch(name -> name.startsWith(use.getAlias() + ":")))
                        .toList())
                .setFullFeatureNames(true)
                .setFilterByCreated(byCreated);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void eachViewFindsWhatItFindsAlone(long seed, @TempDir Path folder) {
        Random random = new Random(seed);
        String[] features = {
            "origin:value", "first:value", "destination:other", "second:other", "third:other", "destination:value"
        };
        try (LakeFixture lake = new LakeFixture(folder)) {
            facts(lake, random);
            Spine spine = spine(random);
            boolean byCreated = seed % 2 == 0;
            ResultTable together = lake.retrieve(asking(spine, byCreated, features));
            for (String feature : features) {
                String column = feature.replace(":", "__");
                assertThat(together.column(column))
                        .as("seed %d, %s", seed, feature)
                        .isEqualTo(
                                lake.retrieve(asking(spine, byCreated, feature)).column(column));
            }
        }
    }

    @Test
    void theTableIsStreamedOnce(@TempDir Path folder) {
        Random random = new Random(5);
        try (LakeFixture lake = new LakeFixture(folder)) {
            facts(lake, random);
            Spine spine = spine(random);
            long alone = bytes(lake.retrieve(asking(spine, false, "first:value")));
            ResultTable together = lake.retrieve(asking(spine, false, "first:value", "second:value", "third:other"));
            // the values are gathered for each view
            assertThat(bytes(together)).isLessThan(2 * alone);
            assertThat(together.completed().views())
                    .extracting(ViewOutcome::getFilesRead)
                    .containsExactly(4L, 4L, 4L);
            assertThat(together.completed().views())
                    .extracting(ViewOutcome::getRowsScanned)
                    .containsOnly(4L * ROWS_PER_FILE);
        }
    }

    private static long bytes(ResultTable result) {
        return result.completed().views().stream()
                .mapToLong(ViewOutcome::getBytesRead)
                .sum();
    }

    /// All joins of a pass are in memory together, so the slices are smaller.
    @Test
    void aSmallBudgetCutsTheSpineAndGivesTheSame(@TempDir Path folder) {
        Random random = new Random(6);
        String[] features = {"first:value", "second:value", "third:other", "origin:other"};
        try (LakeFixture lake = new LakeFixture(folder)) {
            facts(lake, random);
            Spine spine = spine(random);
            ResultTable whole = lake.retrieve(asking(spine, false, features));
            MemoryBudget budget = new MemoryBudget(96L << 10);
            ResultTable cut = lake.retrieve(asking(spine, false, features), budget, Duration.ofSeconds(1));
            assertThat(cut.completed().digest()).isEqualTo(whole.completed().digest());
            assertThat(cut.completed().views().getFirst().getFilesRead()).isGreaterThan(4);
            assertThat(budget.available()).isEqualTo(budget.bytes());
        }
    }

    /// A snapshot of its own is a pass of its own.
    @Test
    void anotherSnapshotIsReadApart(@TempDir Path folder) {
        Random random = new Random(7);
        try (LakeFixture lake = new LakeFixture(folder)) {
            Table facts = facts(lake, random);
            facts.refresh();
            @Nullable Long before = facts.currentSnapshot().parentId();
            lake.append(facts, "1 | 2024-01-01T00:00:01Z | null | 9000 | 9000");
            Spine spine = spine(random);
            RetrievalRequest.Builder both = request(spine, "old:value", "first:value")
                    .setFullFeatureNames(true)
                    .setViews(List.of(Given.use("first")
                            .setAlias("old")
                            .setSnapshotId(before)
                            .build()));
            RetrievalRequest.Builder old = request(spine, "old:value")
                    .setFullFeatureNames(true)
                    .setViews(List.of(Given.use("first")
                            .setAlias("old")
                            .setSnapshotId(before)
                            .build()));
            ResultTable result = lake.retrieve(both);
            assertThat(result.column("old__value")).isEqualTo(lake.retrieve(old).column("old__value"));
            assertThat(result.column("first__value"))
                    .isEqualTo(
                            lake.retrieve(asking(spine, false, "first:value")).column("first__value"));
        }
    }
}
