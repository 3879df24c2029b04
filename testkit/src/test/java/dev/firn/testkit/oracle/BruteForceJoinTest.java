package dev.firn.testkit.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.testkit.oracle.BruteForceJoin.Created;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// The worked cases of the semantics, with one test each.
final class BruteForceJoinTest {
    private static final long TEN_DAYS = Duration.ofDays(10).toNanos() / 1_000;
    private static final long ONE_DAY = Duration.ofDays(1).toNanos() / 1_000;
    private static final LocalDate NOW = LocalDate.of(2024, 5, 1);

    private static final BruteForceJoin JOIN = new BruteForceJoin(TEN_DAYS, 0, Created.BREAKS_TIES);
    private static final BruteForceJoin CREATED_CUT_OFF = new BruteForceJoin(TEN_DAYS, 0, Created.FILTERS);

    private final List<FeatureRow> features = new ArrayList<>();

    @Test
    void basic() {
        dated(1, "2023-12-31", "2023-12-31", 11);
        dated(1, "2024-01-02", "2024-01-02", 22);
        dated(1, "2024-01-03", "2024-01-03", 33);
        dated(2, "2023-01-03", "2023-01-03", 22);
        dated(3, "2024-01-01", "2024-01-03", 10);
        dated(3, "2024-01-01", "2024-01-02", 20);
        assertThat(values(JOIN, at(1, "2024-01-01"), at(1, "2024-01-02"), at(2, "2024-01-01"), at(3, "2024-01-03")))
                .containsExactly(11, 22, null, 10);
    }

    @Test
    void backfill() {
        feature(1001, day(0), day(0), 10);
        feature(1001, day(0), day(1), 20);
        feature(1002, day(0), day(1), 30);
        feature(1002, day(1), day(0), 40);
        assertThat(values(JOIN, SpineRow.of(1001, day(2)), SpineRow.of(1002, day(2))))
                .containsExactly(20, 40);
    }

    @Test
    void createdCutOff() {
        feature("a", day(0), day(0), 10);
        feature("a", day(0), day(2), 20);
        assertThat(values(JOIN, SpineRow.of("a", day(1)))).containsExactly(20);
        assertThat(values(CREATED_CUT_OFF, SpineRow.of("a", day(1)))).containsExactly(10);
    }

    @Test
    void createdCutOffBetweenTwoSpineRows() {
        feature("a", day(1), day(1), 10);
        feature("a", day(5), day(8), 20);
        assertThat(values(CREATED_CUT_OFF, SpineRow.of("a", day(6)), SpineRow.of("a", day(9))))
                .containsExactly(10, 20);
    }

    @Test
    void lateRowThatIsOlder() {
        feature("a", day(5), day(5), 10);
        feature("a", day(3), day(8), 20);
        assertThat(values(CREATED_CUT_OFF, SpineRow.of("a", day(6)), SpineRow.of("a", day(9))))
                .containsExactly(10, 10);
    }

    @Test
    void onlyTheCutOffExcludesANullCreated() {
        feature("a", day(0), null, 10);
        assertThat(values(CREATED_CUT_OFF, SpineRow.of("a", day(1)))).containsExactly((Integer) null);
        assertThat(values(JOIN, SpineRow.of("a", day(1)))).containsExactly(10);
    }

    @Test
    void deletedNewest() {
        feature(1, day(1), null, 10);
        assertThat(values(JOIN, SpineRow.of(1, day(3)))).containsExactly(10);
    }

    @Test
    void dailyTotalIsVisibleFromTheNextDay() {
        feature(1, BruteForceJoin.nanos(LocalDate.of(2024, 3, 1)), null, 7);
        BruteForceJoin join = new BruteForceJoin(TEN_DAYS, ONE_DAY, Created.BREAKS_TIES);
        assertThat(values(
                        join,
                        SpineRow.of(1, BruteForceJoin.nanos(LocalDateTime.parse("2024-03-01T09:00"))),
                        SpineRow.of(1, BruteForceJoin.nanos(LocalDateTime.parse("2024-03-02T00:00")))))
                .containsExactly(null, 7);
    }

    @Test
    void aNanosecondDoesNotLeakFromTheFuture() {
        feature(1, BruteForceJoin.nanos(Instant.parse("2024-01-01T10:00:00.000000900Z")), null, 5);
        assertThat(values(JOIN, SpineRow.of(1, BruteForceJoin.nanos(Instant.parse("2024-01-01T10:00:00Z")))))
                .containsExactly((Integer) null);
    }

    @Test
    void exactTtlEdge() {
        Instant at = Instant.parse("2024-01-11T00:00:00Z");
        Instant edge = at.minus(Duration.ofDays(10));
        feature(1, BruteForceJoin.nanos(edge), null, 1);
        feature(2, BruteForceJoin.nanos(edge.minusNanos(1_000)), null, 2);
        assertThat(values(JOIN, SpineRow.of(1, BruteForceJoin.nanos(at)), SpineRow.of(2, BruteForceJoin.nanos(at))))
                .containsExactly(1, null);
    }

    @Test
    void neverSeenOnlyFutureAndOnlyExpiredAreNull() {
        feature("future", day(2), null, 1);
        feature("expired", day(-30), null, 2);
        assertThat(values(
                        JOIN,
                        SpineRow.of("never", day(0)),
                        SpineRow.of("future", day(0)),
                        SpineRow.of("expired", day(0))))
                .containsExactly(null, null, null);
    }

    @Test
    void withoutTtlNothingExpires() {
        feature(1, BruteForceJoin.nanos(LocalDate.of(1969, 7, 20)), null, 1);
        assertThat(values(new BruteForceJoin(0, 0, Created.BREAKS_TIES), SpineRow.of(1, day(0))))
                .containsExactly(1);
    }

    @Test
    void nullsMatchNothing() {
        feature(null, day(0), null, 1);
        feature(2, null, null, 2);
        feature(3, day(0), null, 3);
        assertThat(values(JOIN, SpineRow.of(null, day(0)), SpineRow.of(2, day(0)), SpineRow.of(3, null)))
                .containsExactly(null, null, null);
    }

    @Test
    void theLastInTieOrderWinsAndIsAmbiguous() {
        features.add(FeatureRow.of(1, day(0), day(0), 7, "later"));
        features.add(FeatureRow.of(1, day(0), day(0), 3, "earlier"));
        assertThat(JOIN.join(List.of(SpineRow.of(1, day(0))), features)).containsExactly(new Match(0, true));
    }

    @Test
    void createdDecidesWithoutAmbiguityAndNullSortsLowest() {
        features.add(FeatureRow.of(1, day(0), null, 9, "null"));
        features.add(FeatureRow.of(1, day(0), day(-1), 1, "created"));
        assertThat(JOIN.join(List.of(SpineRow.of(1, day(0))), features)).containsExactly(new Match(1, false));
    }

    @Test
    void compositeKeysCompareColumnByColumn() {
        features.add(new FeatureRow(Arrays.asList(12, 3), day(0), null, 0, List.of()));
        assertThat(JOIN.join(
                        List.of(
                                new SpineRow(List.of(1, 23), day(0)),
                                new SpineRow(List.of(12L, new BigDecimal("3.00")), day(0)),
                                new SpineRow(Arrays.asList(12, null), day(0))),
                        features))
                .extracting(Match::featureRow)
                .containsExactly(Match.NONE, 0, Match.NONE);
    }

    private void dated(Object key, String event, String created, int value) {
        feature(
                key,
                BruteForceJoin.nanos(LocalDate.parse(event)),
                BruteForceJoin.nanos(LocalDate.parse(created)),
                value);
    }

    private void feature(
            @Nullable Object key, @Nullable BigInteger event, @Nullable BigInteger created, @Nullable Integer value) {
        features.add(FeatureRow.of(key, event, created, features.size(), value));
    }

    private static SpineRow at(Object key, String date) {
        return SpineRow.of(key, BruteForceJoin.nanos(LocalDate.parse(date)));
    }

    private static BigInteger day(int offset) {
        return BruteForceJoin.nanos(NOW.plusDays(offset));
    }

    private List<@Nullable Object> values(BruteForceJoin join, SpineRow... spine) {
        List<@Nullable Object> values = new ArrayList<>();
        for (Match match : join.join(Arrays.asList(spine), features)) {
            values.add(
                    match.isFound() ? features.get(match.featureRow()).values().getFirst() : null);
        }
        return values;
    }
}
