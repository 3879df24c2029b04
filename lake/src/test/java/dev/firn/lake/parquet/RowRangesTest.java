package dev.firn.lake.parquet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class RowRangesTest {
    private static RowRanges ranges(long... fromTo) {
        RowRanges.Builder builder = new RowRanges.Builder();
        for (int i = 0; i < fromTo.length; i += 2) {
            builder.add(fromTo[i], fromTo[i + 1]);
        }
        return builder.build();
    }

    @Test
    void touchingRangesAreMerged() {
        assertThat(ranges(0, 5, 5, 9, 12, 12, 13, 14)).hasToString("0..9 13..14");
        assertThat(ranges(0, 5, 5, 9, 13, 14).rows()).isEqualTo(10);
    }

    @Test
    void rangesThatOverlapAreRefused() {
        assertThatThrownBy(() -> ranges(0, 5, 4, 9)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void nextIsTheFirstWantedRowFromThere() {
        RowRanges ranges = ranges(3, 5, 8, 9);
        assertThat(new long[] {ranges.next(0), ranges.next(3), ranges.next(4), ranges.next(5), ranges.next(9)})
                .containsExactly(3, 3, 4, 8, Long.MAX_VALUE);
    }

    @Test
    void andHoldsTheRowsOfBoth() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 200; round++) {
            BitSet one = bits(random);
            BitSet other = bits(random);
            RowRanges both = of(one).and(of(other));
            one.and(other);
            assertThat(both).as("seed %d", seed).hasToString(of(one).toString());
        }
    }

    private static BitSet bits(Random random) {
        BitSet bits = new BitSet();
        for (int i = 0; i < 40; i++) {
            bits.set(i, random.nextInt(3) > 0);
        }
        return bits;
    }

    private static RowRanges of(BitSet bits) {
        RowRanges.Builder builder = new RowRanges.Builder();
        for (int from = bits.nextSetBit(0); from >= 0; from = bits.nextSetBit(bits.nextClearBit(from))) {
            builder.add(from, bits.nextClearBit(from));
        }
        return builder.build();
    }
}
