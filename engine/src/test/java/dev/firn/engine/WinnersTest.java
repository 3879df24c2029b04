package dev.firn.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class WinnersTest {
    @Test
    void takeOrderMapsEachRowToItsAddress() {
        Random random = new Random(8);
        Winners winners = new Winners(5000, 0, false);
        for (int row = 0; row < 5000; row++) {
            if (random.nextInt(4) != 0) {
                winners.set(row, RowAddress.of(random.nextInt(3) * 4_000_000, random.nextInt(700)), row, false);
            }
        }
        DistinctWinners distinct = winners.distinct();
        long[] addresses = distinct.addresses();
        int[] order = distinct.takeOrder();
        assertThat(addresses).isSorted().doesNotHaveDuplicates().doesNotContain(RowAddress.NONE);
        for (int row = 0; row < 5000; row++) {
            assertThat(order[row] < 0 ? RowAddress.NONE : addresses[order[row]]).isEqualTo(winners.address(row));
        }
        assertThat(winners.matched()).isBetween(3000L, 4500L);
    }

    @Test
    void withoutAnyWinnerThereIsNothingToTake() {
        Winners winners = new Winners(2, 7, false);
        assertThat(winners.distinct().addresses()).isEmpty();
        assertThat(winners.distinct().takeOrder()).containsExactly(-1, -1);
        assertThat(winners.rowsProbed()).isEqualTo(7);
    }
}
