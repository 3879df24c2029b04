package dev.firn.engine;

import static dev.firn.engine.JoinTable.NONE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// The rules of the semantics that the engine implements, by their numbers.
class PointInTimeJoinTest {
    @Test
    void keepsTheLatestRowAtOrBeforeTheSpine() {
        assertThat(JoinTable.of("""
                                1 | 2024-01-01 | - | a
                                1 | 2024-01-02 | - | b
                                1 | 2024-01-03 | - | c
                                """, "1 | 2024-01-02T12:00").values()).containsExactly("b");
    }

    @Test
    void rule1AnswersEveryRowInSpineOrderIncludingDuplicates() {
        assertThat(JoinTable.of("""
                                1 | 2024-01-01 | - | a
                                2 | 2024-01-01 | - | b
                                """, """
                                2 | 2024-01-02
                                1 | 2024-01-02
                                9 | 2024-01-02
                                2 | 2024-01-02
                                1 | 2024-01-02
                                """).values()).containsExactly("b", "a", NONE, "b", "a");
    }

    @Test
    void rule2NullKeysMatchNothingNotEvenNull() {
        assertThat(JoinTable.of("""
                                -,1 | 2024-01-01 | - | a
                                1,- | 2024-01-01 | - | b
                                -,- | 2024-01-01 | - | c
                                """, """
                                -,1 | 2024-01-02
                                1,- | 2024-01-02
                                -,- | 2024-01-02
                                """)
                        .keys(KeyOrder.LONG, KeyOrder.UNSIGNED_BYTES)
                        .values())
                .containsExactly(NONE, NONE, NONE);
    }

    @Test
    void rule2IgnoresTheArrayValueOfANullKey() {
        assertThat(JoinTable.of("- | 2024-01-01 | - | a", "0 | 2024-01-02").values())
                .containsExactly(NONE);
        assertThat(JoinTable.of("0 | 2024-01-01 | - | a", "- | 2024-01-02").values())
                .containsExactly(NONE);
    }

    @Test
    void rule3NullTimesMatchNothing() {
        assertThat(JoinTable.of("""
                                1 | -          | - | a
                                2 | 1960-01-01 | - | b
                                """, """
                                1 | 2024-01-02
                                2 | -
                                """).values()).containsExactly(NONE, NONE);
    }

    @Test
    void rule5WithoutTtlThePastIsUnlimited() {
        assertThat(JoinTable.of("1 | 0001-01-01 | - | a", "1 | 9999-01-01").values())
                .containsExactly("a");
    }

    @Test
    void rule5ATtlOfOneMicrosecondWorks() {
        assertThat(JoinTable.of("""
                                1 | 2024-01-01 | - | a
                                """, """
                                1 | 2024-01-01T00:00:00.000001
                                1 | 2024-01-01T00:00:00.000002
                                """).ttlMicros(1).values()).containsExactly("a", NONE);
    }

    @Test
    void rule5TheTtlCountsFromTheSpineTimeEvenIfRowsBecomeVisibleLater() {
        assertThat(JoinTable.of("1 | 2024-01-01 | - | a", """
                                1 | 2024-01-02
                                1 | 2024-01-03
                                1 | 2024-01-04
                                """)
                        .availableAfterDays(2)
                        .ttlDays(2)
                        .values())
                .containsExactly(NONE, "a", NONE);
    }

    @Test
    void rule6NullCreatedSortsLowest() {
        assertThat(JoinTable.of("""
                                1 | 2024-01-01 | 1900-01-01 | a
                                1 | 2024-01-01 | -          | b
                                """, "1 | 2024-01-02").values()).containsExactly("a");
    }

    @Test
    void rule6NullCreatedSortsBelowTheSmallestValue() {
        Scenario scenario = tiedExceptForCreated(Long.MIN_VALUE, null);
        assertThat(scenario.join().address(0)).isEqualTo(RowAddress.of(0, 0));
        assertThat(scenario.join().ambiguous()).isZero();
    }

    @Test
    void rule6NullCreatedIsExcludedWhenCreatedFilters() {
        assertThat(JoinTable.of("""
                                1 | 2024-01-01 | 2024-01-01 | a
                                1 | 2024-01-02 | -          | b
                                """, "1 | 2024-01-03").filtersCreated().values())
                .containsExactly("a");
    }

    @Test
    void rule6CreatedIsNotDelayedByAvailableAfter() {
        assertThat(JoinTable.of("1 | 2024-01-01 | 2024-01-03 | a", """
                                1 | 2024-01-02
                                1 | 2024-01-03
                                """)
                        .availableAfterDays(1)
                        .filtersCreated()
                        .values())
                .containsExactly(NONE, "a");
    }

    @Test
    void rule6FilteringNeedsCreatedTimes() {
        Scenario scenario = JoinTable.of("1 | 2024-01-01 | - | a", "1 | 2024-01-01")
                .filtersCreated()
                .scenario();
        FeatureBatch without =
                new FeatureBatch(1, List.of(LongColumn.of(1)), new long[1], Nulls.NONE, null, Nulls.NONE, new long[1]);
        PointInTimeJoin.Probe probe = new PointInTimeJoin(scenario.index()).probe();
        assertThatThrownBy(() -> probe.accept(without)).hasMessageContaining("no created times");
    }

    @Test
    void rule7NoKeyOrTimeIsSpecial() {
        List<Long> extremes = List.of(Long.MIN_VALUE, -1L, 0L, 1L, Long.MAX_VALUE);
        List<Scenario.SpineRow> spine = extremes.stream()
                .flatMap(key -> extremes.stream().map(time -> new Scenario.SpineRow(List.of(key), time)))
                .toList();
        List<Scenario.FeatureRow> features = spine.stream()
                .map(row -> new Scenario.FeatureRow(row.key(), row.time(), null, 1000 + spine.indexOf(row)))
                .toList();
        Scenario scenario = new Scenario(
                List.of(KeyOrder.LONG), TimeScale.NANOS, TimeScale.NANOS, null, false, 0, 0, spine, features);
        Winners winners = scenario.join();
        for (int row = 0; row < spine.size(); row++) {
            assertThat(winners.address(row)).isEqualTo(1000 + row);
            assertThat(winners.timestamp(row)).isEqualTo(spine.get(row).time());
        }
        assertThat(winners.ambiguous()).isZero();
    }

    @Test
    void rule8CompositeKeysCompareColumnByColumn() {
        String features = """
                1,23 | 2024-01-01 | - | a
                12,3 | 2024-01-01 | - | b
                """;
        String spine = """
                12,3 | 2024-01-02
                1,23 | 2024-01-02
                123, | 2024-01-02
                ,123 | 2024-01-02
                """;
        assertThat(JoinTable.of(features, spine)
                        .keys(KeyOrder.UNSIGNED_BYTES, KeyOrder.UNSIGNED_BYTES)
                        .values())
                .containsExactly("b", "a", NONE, NONE);
        assertThat(JoinTable.of(features, spine.lines().limit(2).reduce("", (a, b) -> a + b + "\n"))
                        .keys(KeyOrder.LONG, KeyOrder.LONG)
                        .values())
                .containsExactly("b", "a");
    }

    @Test
    void rule8StringsKeepLeadingZeros() {
        assertThat(JoinTable.of("""
                                007 | 2024-01-01 | - | a
                                7   | 2024-01-01 | - | b
                                """, """
                                007 | 2024-01-02
                                7   | 2024-01-02
                                """).keys(KeyOrder.UNSIGNED_BYTES).values())
                .containsExactly("a", "b");
    }

    @Test
    void rule8RejectsOtherTypesOfKeys() {
        TimeBounds bounds = new TimeBounds(new long[1], null, new long[1], Nulls.NONE);
        assertThatThrownBy(() -> SpineIndex.of(List.of(DoubleColumn.of(1)), bounds))
                .hasMessage("key 0 is a DoubleColumn, expected LongColumn or BytesColumn");
        PointInTimeJoin.Probe probe = new PointInTimeJoin(SpineIndex.of(List.of(LongColumn.of(1)), bounds)).probe();
        FeatureBatch strings = new FeatureBatch(
                1, List.of(BytesColumn.ofStrings("1")), new long[1], Nulls.NONE, null, Nulls.NONE, new long[1]);
        assertThatThrownBy(() -> probe.accept(strings))
                .hasMessage("key columns are [BytesColumn], but the spine's are [LongColumn]");
    }

    @Test
    void rule15AnEmptySpineAndAnEmptyTableAreValid() {
        assertThat(JoinTable.of("1 | 2024-01-01 | - | a", "").values()).isEmpty();
        assertThat(JoinTable.of("", "1 | 2024-01-01").values()).containsExactly(NONE);
        SpineIndex index =
                SpineIndex.of(List.of(LongColumn.of(1)), new TimeBounds(new long[1], null, new long[1], Nulls.NONE));
        assertThat(new PointInTimeJoin(index).finish().address(0)).isEqualTo(RowAddress.NONE);
    }

    @Test
    void aFullTieGoesToTheLastAddressAndIsAmbiguous() {
        Winners winners = JoinTable.of("""
                        1 | 2024-01-01 | 2024-01-01 | a
                        1 | 2024-01-01 | 2024-01-01 | b
                        2 | 2024-01-01 | 2024-01-01 | c
                        2 | 2024-01-01 | 2024-01-02 | d
                        """, """
                        1 | 2024-01-01
                        1 | 2024-01-05
                        2 | 2024-01-05
                        """).winners();
        assertThat(winners.address(0)).isEqualTo(RowAddress.of(0, 1));
        assertThat(winners.address(1)).isEqualTo(RowAddress.of(0, 1));
        assertThat(winners.isAmbiguous(0)).isTrue();
        assertThat(winners.isAmbiguous(1)).isTrue();
        assertThat(winners.isAmbiguous(2)).isFalse();
        assertThat(winners.ambiguous()).isEqualTo(2);
        assertThat(winners.matched()).isEqualTo(3);
    }

    @Test
    void aTieThatBecomesVisibleLaterIsAmbiguousOnlyFromThenOn() {
        Winners winners = JoinTable.of("""
                        1 | 2024-01-01 | 2024-01-01 | a
                        1 | 2024-01-03 | 2024-01-03 | b
                        1 | 2024-01-03 | 2024-01-03 | c
                        1 | 2024-01-05 | 2024-01-05 | d
                        """, """
                        1 | 2024-01-02
                        1 | 2024-01-04
                        1 | 2024-01-06
                        """).winners();
        assertThat(Scenario.decisions(winners))
                .extracting(Scenario.Decision::ambiguous)
                .containsExactly(false, true, false);
    }

    @Test
    void keepsTheHighestAddressEvenWhenTied() {
        long highest = RowAddress.of(RowAddress.MAX_FILES - 1, RowAddress.MAX_ROWS - 1);
        Scenario scenario = new Scenario(
                List.of(KeyOrder.LONG),
                TimeScale.MICROS,
                TimeScale.MICROS,
                null,
                false,
                0,
                0,
                List.of(new Scenario.SpineRow(List.of(1L), 5L)),
                List.of(
                        new Scenario.FeatureRow(List.of(1L), 5L, null, highest),
                        new Scenario.FeatureRow(List.of(1L), 5L, null, 0)));
        assertThat(Scenario.decisions(scenario.join())).containsExactly(new Scenario.Decision(highest, true));
    }

    @Test
    void batchesMustAgreeOnWhetherThereAreCreatedTimes() {
        SpineIndex index =
                SpineIndex.of(List.of(LongColumn.of(1)), new TimeBounds(new long[1], null, new long[1], Nulls.NONE));
        PointInTimeJoin.Probe probe = new PointInTimeJoin(index).probe();
        List<Column> keys = List.of(LongColumn.of(1));
        probe.accept(new FeatureBatch(1, keys, new long[1], Nulls.NONE, null, Nulls.NONE, new long[1]));
        FeatureBatch other = new FeatureBatch(1, keys, new long[1], Nulls.NONE, new long[1], Nulls.NONE, new long[1]);
        assertThatThrownBy(() -> probe.accept(other)).hasMessageContaining("created times");
    }

    private static Scenario tiedExceptForCreated(@Nullable Long first, @Nullable Long second) {
        return new Scenario(
                List.of(KeyOrder.LONG),
                TimeScale.MICROS,
                TimeScale.MICROS,
                TimeScale.MICROS,
                false,
                0,
                0,
                List.of(new Scenario.SpineRow(List.of(1L), 5L)),
                List.of(
                        new Scenario.FeatureRow(List.of(1L), 5L, first, RowAddress.of(0, 0)),
                        new Scenario.FeatureRow(List.of(1L), 5L, second, RowAddress.of(0, 1))));
    }
}
