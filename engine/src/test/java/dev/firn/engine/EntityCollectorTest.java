package dev.firn.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class EntityCollectorTest {
    private static final long SEED = Long.getLong("firn.seed", System.nanoTime());

    @Test
    void rule12FindsExactlyTheKeysThatWouldHaveAWinnerInAnyView() {
        for (long seed = SEED; seed < SEED + 100; seed++) {
            Random random = new Random(seed);
            Scenario drawn = new RandomScenarios(random).next();
            long instant = drawn.spine().stream()
                    .map(Scenario.SpineRow::time)
                    .filter(Objects::nonNull)
                    .findFirst()
                    .orElse(3L);
            Scenario scenario = everyKeyAt(drawn, instant);
            Set<List<@Nullable Object>> expected = new HashSet<>();
            List<Scenario.Decision> decisions = scenario.oracleDecisions();
            for (int row = 0; row < decisions.size(); row++) {
                if (!decisions.get(row).equals(Scenario.NO_WINNER)) {
                    expected.add(scenario.spine().get(row).key());
                }
            }
            List<List<@Nullable Object>> collected = new ArrayList<>();
            int passes = 1 + random.nextInt(4);
            for (int pass = 0; pass < passes; pass++) {
                collected.addAll(collect(scenario, random, pass, passes));
            }
            assertThat(collected).as("-Dfirn.seed=%d", seed).doesNotHaveDuplicates();
            assertThat(new HashSet<>(collected)).as("-Dfirn.seed=%d", seed).isEqualTo(expected);
        }
    }

    private static Scenario everyKeyAt(Scenario drawn, long instant) {
        return new Scenario(
                drawn.keys(),
                drawn.spineScale(),
                drawn.featureScale(),
                drawn.createdScale(),
                drawn.filtersCreated(),
                drawn.ttlMicros(),
                drawn.availableAfterMicros(),
                drawn.features().stream()
                        .map(Scenario.FeatureRow::key)
                        .distinct()
                        .map(key -> new Scenario.SpineRow(key, instant))
                        .toList(),
                drawn.features());
    }

    private static List<List<@Nullable Object>> collect(Scenario scenario, Random random, int pass, int passes) {
        EntityCollector collector = new EntityCollector(scenario.keys(), pass, passes, 10_000, Long.MAX_VALUE);
        if (!scenario.spine().isEmpty()) {
            Scenario oneRow = new Scenario(
                    scenario.keys(),
                    scenario.spineScale(),
                    scenario.featureScale(),
                    scenario.createdScale(),
                    scenario.filtersCreated(),
                    scenario.ttlMicros(),
                    scenario.availableAfterMicros(),
                    scenario.spine().subList(0, 1),
                    scenario.features());
            EntityCollector.Intake intake = collector.intake(oneRow.bounds());
            scenario.batches(random, 5000).forEach(intake::accept);
        }
        List<Column> keys = collector.sortedKeys();
        return IntStream.range(0, collector.size())
                .mapToObj(row -> keys.stream()
                        .<@Nullable Object>map(column -> value(column, row))
                        .toList())
                .toList();
    }

    private static Object value(Column column, int row) {
        return column instanceof BytesColumn bytes ? bytes.string(row) : (Object) ((LongColumn) column).values()[row];
    }

    @Test
    void rule12SortsKeysColumnByColumn() {
        EntityCollector collector =
                new EntityCollector(List.of(KeyOrder.LONG, KeyOrder.UNSIGNED_BYTES), 0, 1, 10, Long.MAX_VALUE);
        FeatureBatch batch = new FeatureBatch(
                5,
                List.of(LongColumn.of(2, -1, 2, -1, 2), BytesColumn.ofStrings("é", "b", "z", "a", "é")),
                new long[5],
                Nulls.NONE,
                null,
                Nulls.NONE,
                new long[5]);
        collector.intake(at(0)).accept(batch);
        List<Column> keys = collector.sortedKeys();
        BytesColumn names = (BytesColumn) keys.get(1);
        assertThat(((LongColumn) keys.get(0)).values()).containsExactly(-1, -1, 2, 2);
        assertThat(IntStream.range(0, 4).mapToObj(names::string)).containsExactly("a", "b", "z", "é");
    }

    @Test
    void collectsTheEntitiesOfEveryView() {
        EntityCollector collector = new EntityCollector(List.of(KeyOrder.LONG), 0, 1, 10, Long.MAX_VALUE);
        FeatureBatch early = new FeatureBatch(
                1, List.of(LongColumn.of(1)), new long[] {0}, Nulls.NONE, null, Nulls.NONE, new long[1]);
        FeatureBatch late = new FeatureBatch(
                1, List.of(LongColumn.of(2)), new long[] {9}, Nulls.NONE, null, Nulls.NONE, new long[1]);
        collector.intake(at(5)).accept(early);
        collector.intake(at(5)).accept(late);
        assertThat(collector.size()).isEqualTo(1);
        collector.intake(at(9)).accept(late);
        assertThat(collector.size()).isEqualTo(2);
    }

    @Test
    void rejectsMoreEntitiesThanAPassMayHold() {
        EntityCollector collector = new EntityCollector(List.of(KeyOrder.LONG), 0, 1, 2, Long.MAX_VALUE);
        FeatureBatch batch = new FeatureBatch(
                3, List.of(LongColumn.of(1, 2, 3)), new long[3], Nulls.NONE, null, Nulls.NONE, new long[3]);
        assertThatThrownBy(() -> collector.intake(at(0)).accept(batch))
                .isInstanceOf(TooManyEntitiesException.class)
                .hasMessage("pass 0 of 1 has more than 2 entities");
    }

    @Test
    void rejectsKeysThatNeedMoreBytesThanAPassMayHold() {
        BytesColumn.Builder names = new BytesColumn.Builder(100);
        for (int i = 0; i < 100; i++) {
            byte[] name = "%0500d".formatted(i).getBytes(StandardCharsets.UTF_8);
            names.append(name, 0, name.length);
        }
        FeatureBatch batch = new FeatureBatch(
                100, List.of(names.build()), new long[100], Nulls.NONE, null, Nulls.NONE, new long[100]);

        EntityCollector collector = new EntityCollector(List.of(KeyOrder.UNSIGNED_BYTES), 0, 1, 1_000, 20_000);
        assertThatThrownBy(() -> collector.intake(at(0)).accept(batch)).isInstanceOf(TooManyEntitiesException.class);

        EntityCollector roomy = new EntityCollector(List.of(KeyOrder.UNSIGNED_BYTES), 0, 1, 1_000, 200_000);
        roomy.intake(at(0)).accept(batch);
        assertThat(roomy.size()).isEqualTo(100);
    }

    @Test
    void splitsTheEntitiesEvenlyAmongThePasses() {
        for (int pass = 0; pass < 4; pass++) {
            EntityCollector collector = new EntityCollector(List.of(KeyOrder.LONG), pass, 4, 10_000, Long.MAX_VALUE);
            long[] keys = IntStream.range(0, 10_000).asLongStream().toArray();
            collector
                    .intake(at(0))
                    .accept(new FeatureBatch(
                            keys.length,
                            List.of(LongColumn.of(keys)),
                            new long[keys.length],
                            Nulls.NONE,
                            null,
                            Nulls.NONE,
                            keys));
            assertThat(collector.size()).isBetween(2300, 2700);
        }
    }

    private static TimeBounds at(long latest) {
        return new TimeBounds(new long[] {latest}, null, new long[] {Long.MIN_VALUE}, Nulls.NONE);
    }
}
