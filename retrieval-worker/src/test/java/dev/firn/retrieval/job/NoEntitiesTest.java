package dev.firn.retrieval.job;

import static dev.firn.retrieval.job.Given.all;
import static dev.firn.retrieval.job.Given.idsAndTimes;
import static dev.firn.retrieval.job.Given.request;
import static dev.firn.retrieval.job.Given.row;
import static dev.firn.retrieval.job.Given.rows;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import dev.firn.testkit.oracle.BruteForceJoin;
import dev.firn.testkit.oracle.BruteForceJoin.Created;
import dev.firn.testkit.oracle.FeatureRow;
import dev.firn.testkit.oracle.SpineRow;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Rule 12: all rows of a view without entities are one group.
final class NoEntitiesTest {
    private static final Instant START = Instant.parse("2024-01-01T00:00:00Z");

    @TempDir
    private Path folder = Path.of("target");

    @SuppressWarnings("NullAway.Init")
    private LakeFixture lake;

    @BeforeEach
    void open() {
        lake = new LakeFixture(folder);
    }

    @AfterEach
    void close() {
        lake.close();
    }

    private Table rates(String... rows) {
        Table rates = lake.table("rates", "event timestamptz, created timestamptz, rate int");
        if (rows.length > 0) {
            lake.append(rates, rows);
        }
        lake.register(lake.view(rates, List.of(), List.of("rate")));
        return rates;
    }

    @Test
    void rule12ASpineNeedsOnlyTheTime() {
        rates("2024-01-01 | null | 1", "2024-01-03 | null | 3", "null | null | 9");

        ResultTable result = lake.retrieve(request(
                rows(
                        List.of("event_timestamp"),
                        row("2024-01-02T00:00:00Z"),
                        row("2024-01-03T00:00:00Z"),
                        row("2023-01-01T00:00:00Z"),
                        row("null")),
                "rates:rate"));

        assertThat(result.column("rate")).containsExactly("1", "3", "null", "null");
    }

    @Test
    void rule12ItCombinesWithKeyedViews() {
        rates("2024-01-01 | null | 1", "2024-01-03 | null | 3");
        lake.facts("facts", "1 | 2024-01-02 | 10", "2 | 2024-01-04 | 20");

        assertThat(lake.retrieve(request(
                                idsAndTimes("1 2024-01-02T00:00:00Z", "null 2024-01-05T00:00:00Z"),
                                "facts:value",
                                "rates:rate"))
                        .rows())
                .containsExactly("1 2024-01-02T00:00Z 10 1", "null 2024-01-05T00:00Z null 3");
        assertThat(lake.retrieve(request(all(), "rates:rate", "facts:value")).rows())
                .containsExactly("1 3 10", "2 3 20");
        assertThat(lake.retrieve(request(range(), "rates:rate", "facts:value")).rows())
                .containsExactly("1 2024-01-02T00:00Z 1 10", "2 2024-01-04T00:00Z 3 20");
    }

    @Test
    void rule12AllEntitiesOfItAreOneRowOrNone() {
        Table rates = rates();
        assertThat(lake.retrieve(request(all(), "rates:rate")).rows()).isEmpty();

        lake.append(rates, "2024-01-01 | null | 1", "2024-01-03 | null | 3", "2025-01-01 | null | 9");

        ResultTable result = lake.retrieve(request(all(), "rates:rate"));
        assertThat(result.names()).containsExactly("rate");
        assertThat(result.rows()).containsExactly("3");
    }

    @Test
    void rule12ARangeOfItHasItsInstants() {
        rates("2024-01-01 | null | 1", "2024-01-03 | null | 3", "2024-01-03 | null | 4");

        ResultTable result = lake.retrieve(request(range(), "rates:rate"));

        assertThat(result.names()).containsExactly("event_timestamp", "rate");
        assertThat(result.rows()).containsExactly("2024-01-01T00:00Z 1", "2024-01-03T00:00Z 4");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void rule12AgreesWithTheBruteForceJoinOfOneKey(long seed) {
        Random random = new Random(seed);
        Table rates = rates();
        List<FeatureRow> features = new ArrayList<>();
        for (int file = 0; file < 3; file++) {
            List<String> texts = new ArrayList<>();
            List<FeatureRow> added = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                Instant event = START.plusSeconds(random.nextInt(90));
                Instant created = START.plusSeconds(random.nextInt(90));
                int rate = file * 60 + i;
                texts.add(event + " | " + created + " | " + rate);
                added.add(FeatureRow.of(1L, BruteForceJoin.nanos(event), BruteForceJoin.nanos(created), rate, rate));
            }
            DataFile written = lake.append(rates, texts.toArray(String[]::new));
            int deleted = random.nextInt(60);
            TableFiles.deletePositions(rates, written, deleted);
            added.remove(deleted);
            features.addAll(added);
        }
        List<SpineRow> spine = new ArrayList<>();
        List<List<String>> texts = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            Instant time = START.plusSeconds(random.nextInt(120) - 10L);
            spine.add(SpineRow.of(1L, BruteForceJoin.nanos(time)));
            texts.add(row(time.toString()));
        }
        Spine asked = Spine.newBuilder()
                .setKind(SpineKind.ROWS)
                .setColumns(List.of("event_timestamp"))
                .setRows(texts)
                .build();
        for (Created created : Created.values()) {
            List<String> expected = new BruteForceJoin(0, 0, created)
                    .join(spine, features).stream()
                            .map(match -> match.isFound()
                                    ? String.valueOf(features.get(match.featureRow())
                                            .values()
                                            .getFirst())
                                    : "null")
                            .toList();
            assertThat(lake.retrieve(request(asked, "rates:rate").setFilterByCreated(created == Created.FILTERS))
                            .column("rate"))
                    .as("seed %d, %s", seed, created)
                    .isEqualTo(expected);
        }
    }

    private static Spine range() {
        return Spine.newBuilder().setKind(SpineKind.RANGE).build();
    }
}
