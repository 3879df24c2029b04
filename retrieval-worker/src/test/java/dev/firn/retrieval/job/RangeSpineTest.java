package dev.firn.retrieval.job;

import static dev.firn.retrieval.job.Given.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import dev.firn.events.ViewUse;
import dev.firn.schemas.Code;
import java.nio.file.Path;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Table;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Rule 12: a spine by range has one row for each key and instant at which a row of a view becomes visible.
final class RangeSpineTest {
    private static final Instant START = Instant.parse("2024-01-01T00:00:00Z");
    private static final long DAY_MICROS = 86_400_000_000L;

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

    @Test
    void rule12EachStateOnceSortedByKeyThenTime() {
        lake.facts(
                "facts",
                "2 | 2024-01-05 | 25",
                "1 | 2024-01-01 | 11",
                "1 | 2024-01-03 | 13",
                "1 | 2024-01-03 | 14",
                "1 | 2023-12-31 | 10",
                "1 | 2024-01-06 | 16",
                "null | 2024-01-03 | 99",
                "3 | null | 98");

        ResultTable result =
                lake.retrieve(request(range("2024-01-01T00:00:00Z", "2024-01-05T00:00:00Z"), "facts:value"));

        assertThat(result.names()).containsExactly("id", "event_timestamp", "value");
        assertThat(result.types()).startsWith("long", "timestamptz");
        assertThat(result.rows())
                .containsExactly("1 2024-01-01T00:00Z 11", "1 2024-01-03T00:00Z 14", "2 2024-01-05T00:00Z 25");
    }

    @Test
    void rule12SeveralViewsAreJoinedAtEachOthersInstants() {
        lake.facts("facts", "1 | 2024-01-01 | 10", "1 | 2024-01-04 | 40");
        Table others = lake.table("others", "key long, event timestamptz, size int");
        lake.append(others, "1 | 2024-01-02 | 2", "7 | 2024-01-03 | 3");
        lake.register(lake.view(others, List.of("key"), List.of("size")));

        ResultTable result = lake.retrieve(request(range(null, null), "facts:value", "others:size")
                .setViews(List.of(ViewUse.newBuilder()
                        .setView("others")
                        .setJoinKeys(Map.of("key", "id"))
                        .build())));

        assertThat(result.rows())
                .containsExactly(
                        "1 2024-01-01T00:00Z 10 null",
                        "1 2024-01-02T00:00Z 10 2",
                        "1 2024-01-04T00:00Z 40 2",
                        "7 2024-01-03T00:00Z null 3");
    }

    @Test
    void rule12AStateBeginsWhenItIsAvailable() {
        Table daily = lake.table("daily", "id long, event date, value int");
        lake.append(daily, "1 | 2024-01-01 | 10", "1 | 2024-01-02 | 20", "1 | 2024-01-03 | 30");
        lake.register(lake.view(daily, List.of("id"), List.of("value")).setAvailableAfterMicros(DAY_MICROS));

        assertThat(lake.retrieve(request(range("2024-01-02T00:00:00.000001Z", "2024-01-03T00:00:00Z"), "daily:value"))
                        .rows())
                .containsExactly("1 2024-01-03T00:00Z 20");
        assertThat(lake.retrieve(request(range("2024-01-02T00:00:00Z", "2024-01-03T23:59:59Z"), "daily:value"))
                        .rows())
                .containsExactly("1 2024-01-02T00:00Z 10", "1 2024-01-03T00:00Z 20");
    }

    @Test
    void rule12TimesAreInTheFinestUnitOfTheViews() {
        lake.facts("facts", "1 | 2024-01-01 | 10");
        Table fine = lake.table(
                "fine", TableText.schema("id long, event timestamptz_ns, size int"), PartitionSpec.unpartitioned(), 3);
        lake.append(fine, "1 | 2024-01-01T00:00:00.000000001Z | 2");
        lake.register(lake.view(fine, List.of("id"), List.of("size")));

        ResultTable result = lake.retrieve(
                request(range("2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z"), "facts:value", "fine:size"));

        assertThat(result.types()).startsWith("long", "timestamptz_ns");
        assertThat(result.rows())
                .containsExactly("1 2024-01-01T00:00Z 10 null", "1 2024-01-01T00:00:00.000000001Z 10 2");
    }

    @Test
    void rule12AnOpenEndIsTAndTheColumnMayHaveAnotherName() {
        lake.facts("facts", "1 | 2024-01-01 | 10", "1 | 2024-03-01 | 30", "1 | 2025-01-01 | 99");
        Spine spine = Spine.newBuilder(range("2024-02-01T00:00:00Z", null))
                .setTimestampColumn("at")
                .build();

        ResultTable result = lake.retrieve(request(spine, "facts:value"));

        assertThat(result.names()).containsExactly("id", "at", "value");
        assertThat(result.rows()).containsExactly("1 2024-03-01T00:00Z 30");
        assertThat(lake.retrieve(request(range("2030-01-01T00:00:00Z", null), "facts:value"))
                        .rows())
                .isEmpty();
    }

    @Test
    void rule12AnInstantThatTheTimeColumnCannotHoldIsRefused() {
        lake.facts("facts", "1 | 2300-01-01 | 10");
        Table fine = lake.table(
                "fine", TableText.schema("id long, event timestamptz_ns, size int"), PartitionSpec.unpartitioned(), 3);
        lake.register(lake.view(fine, List.of("id"), List.of("size")));

        assertThat(lake.retrieve(request(range(null, "2400-01-01T00:00:00Z"), "facts:value"))
                        .rows())
                .containsExactly("1 2300-01-01T00:00Z 10");
        assertThat(lake.codes(request(range(null, "2400-01-01T00:00:00Z"), "facts:value", "fine:size")))
                .containsExactly(Code.RANGE_INVALID.name());
        assertThat(lake.retrieve(request(range(null, "2200-01-01T00:00:00Z"), "facts:value", "fine:size"))
                        .rows())
                .isEmpty();
    }

    /// More states than a pass holds at least, so that passes are spilled and merged.
    @Test
    void rule12ManyStatesAreCollectedInPasses() {
        Random random = new Random(5);
        Table facts = lake.table("facts", "id long, event timestamptz, value int");
        TreeMap<String, String> expected = new TreeMap<>();
        for (int file = 0; file < 3; file++) {
            List<String> rows = new ArrayList<>();
            for (int i = 0; i < 5_000; i++) {
                long id = 1_000L + random.nextInt(500);
                Instant event = START.plusSeconds(random.nextInt(60));
                rows.add(id + " | " + event + " | " + (file * 5_000 + i));
                expected.put(id + " " + event, "");
            }
            lake.append(facts, rows.toArray(String[]::new));
        }
        assertThat(expected).hasSizeGreaterThan(3 * 4_096 / 2);
        lake.register(lake.view(facts, List.of("id"), List.of("value")));

        ResultTable result = lake.withBudget(1 << 20).retrieve(request(range(null, null), "facts:value"));

        assertThat(result.rows().stream().map(RangeSpineTest::keyAndInstant).toList())
                .containsExactlyElementsOf(expected.keySet());
    }

    /// Its time does not fit into a spine's microseconds.
    @Test
    void rule12ARowWithoutKeyGivesNoRowWhateverItsTime() {
        Table days = lake.table("days", "id long, event date, value int");
        lake.append(days, "1 | 2024-01-01 | 10", "null | -999999-01-01 | 11");
        lake.register(lake.view(days, List.of("id"), List.of("value")));

        assertThat(lake.retrieve(request(range(null, null), "days:value")).rows())
                .hasSize(1);
    }

    @Test
    void rule12ARangeThatEndsBeforeItStartsIsRefused() {
        lake.facts("facts", "1 | 2024-01-01 | 10");

        assertThat(lake.codes(request(range("2024-01-02T00:00:00Z", "2024-01-01T00:00:00Z"), "facts:value")))
                .containsExactly(Code.RANGE_INVALID.name());
    }

    @Test
    void rule12ViewsOfARangeNeedTheSameKeys() {
        lake.facts("facts", "1 | 2024-01-01 | 10");
        Table others = lake.table("others", "region string, event timestamptz, size int");
        lake.register(lake.view(others, List.of("region"), List.of("size")));

        assertThat(lake.codes(request(range(null, null), "facts:value", "others:size")))
                .containsExactly(Code.ENTITIES_DIFFER.name());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void rule12AgreesWithASetOfKeysAndInstants(long seed) {
        Random random = new Random(seed);
        Table facts = lake.table("facts", "id long, event timestamptz, created timestamptz, value int");
        boolean filters = random.nextBoolean();
        long availableAfter = random.nextInt(5);
        Instant from = START.plusSeconds(random.nextInt(30));
        Instant to = from.plusSeconds(random.nextInt(30));
        TreeSet<String> expected = new TreeSet<>();
        for (int file = 0; file < 3; file++) {
            List<String> rows = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                Long id = random.nextInt(20) == 0 ? null : (long) random.nextInt(10);
                Instant event = random.nextInt(20) == 0 ? null : START.plusSeconds(random.nextInt(60));
                Instant created = random.nextInt(4) == 0 ? null : START.plusSeconds(random.nextInt(60));
                rows.add(id + " | " + event + " | " + created + " | " + i);
                Instant visible = event == null ? null : event.plusSeconds(availableAfter);
                if (filters && visible != null) {
                    visible = created == null ? null : created.isAfter(visible) ? created : visible;
                }
                if (id != null && visible != null && !visible.isBefore(from) && !visible.isAfter(to)) {
                    expected.add(id + " " + visible);
                }
            }
            lake.append(facts, rows.toArray(String[]::new));
        }
        lake.register(lake.view(facts, List.of("id"), List.of("value"))
                .setAvailableAfterMicros(availableAfter * 1_000_000)
                .setTtlMicros(1 + random.nextInt(3_000_000)));
        var request =
                request(range(from.toString(), to.toString()), "facts:value").setFilterByCreated(filters);

        ResultTable result = lake.retrieve(request);

        assertThat(result.rows().stream().map(RangeSpineTest::keyAndInstant).toList())
                .as("seed %d", seed)
                .containsExactlyElementsOf(expected);
    }

    private static String keyAndInstant(String row) {
        String[] cells = row.split(" ", -1);
        return cells[0] + " " + OffsetDateTime.parse(cells[1]).toInstant();
    }

    private static Spine range(@Nullable String start, @Nullable String end) {
        return Spine.newBuilder()
                .setKind(SpineKind.RANGE)
                .setStart(start == null ? null : Instant.parse(start))
                .setEnd(end == null ? null : Instant.parse(end))
                .build();
    }
}
