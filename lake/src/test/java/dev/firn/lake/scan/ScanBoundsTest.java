package dev.firn.lake.scan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.engine.BytesColumn;
import dev.firn.engine.Column;
import dev.firn.engine.KeyOrder;
import dev.firn.engine.LongColumn;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// When two scans are worth one, and what that one looks for.
final class ScanBoundsTest {
    private static ScanBounds longs(long earliest, long latest, long... keys) {
        return ScanBounds.of(List.of(LongColumn.of(keys)), List.of(KeyOrder.LONG), earliest, latest);
    }

    private static long[] range(int from, int to) {
        return LongStream.range(from, to).toArray();
    }

    private static ScanBounds together(ScanBounds one, ScanBounds other) {
        return ScanBounds.together(one, other).orElseThrow();
    }

    private static long[] keys(ScanBounds bounds) {
        LongColumn keys = (LongColumn) bounds.keys().getFirst();
        return Arrays.copyOf(keys.values(), keys.size());
    }

    @Test
    void holdsTheKeysAndTimesOfBoth() {
        ScanBounds both = together(longs(10, 30, -5, 1, 3, 9), longs(12, 40, 1, 2, 9, 10));
        assertThat(keys(both)).containsExactly(-5, 1, 2, 3, 9, 10);
        assertThat(both.earliest()).isEqualTo(10);
        assertThat(both.latest()).isEqualTo(40);
    }

    @Test
    void holdsStringsOfBothInTheirOrder() {
        Stream<List<String>> columns =
                Stream.of(List.of("a", "b\uFFFF", "b\uD83D\uDE00"), List.of("", "b\uD83D\uDE00", "c"));
        List<ScanBounds> bounds = columns.map(values -> BytesColumn.ofStrings(values.toArray(String[]::new)))
                .map(values -> ScanBounds.of(List.of((Column) values), List.of(KeyOrder.UNSIGNED_BYTES), 0, 9))
                .toList();
        BytesColumn both = (BytesColumn)
                together(bounds.getFirst(), bounds.getLast()).keys().getFirst();
        assertThat(Stream.iterate(0, i -> i + 1).limit(both.size()).map(both::string))
                .containsExactly("", "a", "b\uFFFF", "b\uD83D\uDE00", "c");
    }

    @Test
    void withoutKeysTimesDecide() {
        assertThat(together(ScanBounds.ofTimes(0, 10), ScanBounds.ofTimes(3, 12))
                        .latest())
                .isEqualTo(12);
        assertThat(ScanBounds.together(ScanBounds.ofTimes(0, 10), ScanBounds.ofTimes(1_000, 1_010)))
                .isEmpty();
    }

    @Test
    void anUnboundedTimeHoldsAnother() {
        assertThat(together(longs(Long.MIN_VALUE, 50, range(0, 300)), longs(10, 50, range(0, 300)))
                        .earliest())
                .isEqualTo(Long.MIN_VALUE);
    }

    /// Few keys over all times beside many keys of one day: together they would be many keys over all times.
    @Test
    void aScanThatWouldReadMoreThanTheTwoIsRefused() {
        assertThat(ScanBounds.together(longs(0, 365_000, range(0, 300)), longs(364_000, 365_000, range(0, 30_000))))
                .isEmpty();
    }

    @Test
    void fewKeysStayFew() {
        assertThat(ScanBounds.together(longs(0, 9, range(0, 150)), longs(0, 9, range(100, 250))))
                .isEmpty();
        assertThat(keys(together(longs(0, 9, range(0, 150)), longs(0, 9, range(50, 200)))))
                .hasSize(200);
        assertThat(keys(together(longs(0, 9, range(0, 1_000)), longs(0, 9, range(500, 1_500)))))
                .hasSize(1_500);
    }
}
