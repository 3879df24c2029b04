package dev.firn.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class SameWinnersTest {
    private static final Winners NOTHING = winners(new Row[] {null});

    /// A winner.
    private record Row(long timestamp, @Nullable Long created, boolean tied) {}

    private static Row at(long timestamp, @Nullable Long created) {
        return new Row(timestamp, created, false);
    }

    private static Row tied(long timestamp, @Nullable Long created) {
        return new Row(timestamp, created, true);
    }

    private static Winners winners(@Nullable Row... rows) {
        Winners winners = new Winners(rows.length, 0, true);
        for (int row = 0; row < rows.length; row++) {
            Row found = rows[row];
            if (found != null) {
                winners.set(row, RowAddress.of(0, row), found.timestamp(), found.tied());
                if (found.created() != null) {
                    winners.setCreated(row, found.created());
                }
            }
        }
        return winners;
    }

    private static boolean isKept(@Nullable Row before, @Nullable Row now, Winners came) {
        SameWinners same =
                new SameWinners(KnownWinners.of(winners(new Row[] {before})), winners(new Row[] {now}), came);
        boolean isKept = same.kept().length == 1;
        assertThat(same.replaced()).isEqualTo(!isKept && now != null && came != NOTHING ? 1 : 0);
        assertThat(same.others().length).isEqualTo(isKept || (before == null && now == null) ? 0 : 1);
        return isKept;
    }

    @Test
    void keepsTheWinnerWithTheSameTimes() {
        assertThat(isKept(at(5, 7L), at(5, 7L), NOTHING)).isTrue();
        assertThat(isKept(at(5, null), at(5, null), NOTHING)).isTrue();
    }

    @Test
    void anotherTimeIsAnotherRow() {
        assertThat(isKept(at(5, 7L), at(4, 7L), NOTHING)).isFalse();
        assertThat(isKept(at(5, 7L), at(5, 6L), NOTHING)).isFalse();
        assertThat(isKept(at(5, 0L), at(5, null), NOTHING)).isFalse();
        assertThat(isKept(at(5, null), at(5, 0L), NOTHING)).isFalse();
    }

    @Test
    void aTiedWinnerMayBeAnotherRow() {
        assertThat(isKept(tied(5, 7L), at(5, 7L), NOTHING)).isFalse();
        assertThat(isKept(at(5, 7L), tied(5, 7L), NOTHING)).isFalse();
    }

    @Test
    void aRowThatCameWithTheSameTimesMayHaveOtherValues() {
        assertThat(isKept(at(5, 7L), at(5, 7L), winners(at(5, 7L)))).isFalse();
        assertThat(isKept(at(5, null), at(5, null), winners(at(5, null)))).isFalse();
        assertThat(isKept(at(5, 7L), at(5, 7L), winners(at(5, 6L)))).isTrue();
        assertThat(isKept(at(5, 0L), at(5, 0L), winners(at(5, null)))).isTrue();
    }

    @Test
    void aRowWithoutWinnersHasNothingToRead() {
        assertThat(isKept(null, null, NOTHING)).isFalse();
        assertThat(isKept(null, at(5, 7L), winners(at(5, 7L)))).isFalse();
        assertThat(isKept(at(5, 7L), null, NOTHING)).isFalse();
    }
}
