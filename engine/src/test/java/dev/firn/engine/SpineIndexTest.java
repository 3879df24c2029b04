package dev.firn.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SpineIndexTest {
    private static TimeBounds unbounded(int rows) {
        long[] latest = new long[rows];
        Arrays.fill(latest, Long.MAX_VALUE);
        long[] earliest = new long[rows];
        Arrays.fill(earliest, Long.MIN_VALUE);
        return new TimeBounds(latest, null, earliest, Nulls.NONE);
    }

    @Test
    void knowsWhichKeysItContains() {
        Random random = new Random(5);
        long[] keys = random.longs(20_000).toArray();
        SpineIndex index = SpineIndex.of(List.of(LongColumn.of(keys)), unbounded(keys.length));
        assertThat(index.groups()).isEqualTo(20_000);
        assertThat(Arrays.stream(keys)).allMatch(key -> index.mightContain(0, key));
        assertThat(random.longs(20_000)).noneMatch(key -> index.mightContain(0, key));
    }

    @Test
    void rule14KnowsTheValuesOfEachColumnOfACompositeKey() {
        BytesColumn names = BytesColumn.ofStrings("b", "a", "b", "\0");
        SpineIndex index = SpineIndex.of(List.of(LongColumn.of(3, -1, 3, 3), names), unbounded(4));
        assertThat(index.rows()).isEqualTo(4);
        assertThat(index.groups()).isEqualTo(3);
        assertThat(index.mightContain(0, 3)).isTrue();
        assertThat(index.mightContain(0, 4)).isFalse();
        byte[] text = "xxa".getBytes(StandardCharsets.UTF_8);
        assertThat(index.mightContain(1, text, 2, 1)).isTrue();
        assertThat(index.mightContain(1, text, 1, 2)).isFalse();
        assertThat(index.mightContain(1, text, 0, 0)).isFalse();
        assertThat(((LongColumn) index.distinctKeys(0)).values()).containsExactly(-1, 3);
        BytesColumn distinct = (BytesColumn) index.distinctKeys(1);
        assertThat(IntStream.range(0, distinct.size()).mapToObj(distinct::string))
                .containsExactly("\0", "a", "b");
        assertThatThrownBy(() -> index.mightContain(1, 3L)).hasMessageContaining("key 1 is a BytesColumn");
    }

    @Test
    void ignoresTheKeysOfRowsThatMatchNothing() {
        LongColumn keys = new LongColumn(
                new long[] {1, 2, 3}, 3, new Nulls.Builder(3).set(1).build());
        TimeBounds bounds = new TimeBounds(
                new long[] {5, 9, 9},
                null,
                new long[] {4, 0, 0},
                new Nulls.Builder(3).set(2).build());
        SpineIndex index = SpineIndex.of(List.of(keys), bounds);
        assertThat(index.rows()).isEqualTo(3);
        assertThat(((LongColumn) index.distinctKeys(0)).size()).isEqualTo(1);
        assertThat(index.minEarliest()).isEqualTo(4);
        assertThat(index.maxLatest()).isEqualTo(5);
    }

    @Test
    void anEmptySpineHasAnEmptyTimeRange() {
        SpineIndex index = SpineIndex.of(List.of(LongColumn.of()), unbounded(0));
        assertThat(index.minEarliest()).isGreaterThan(index.maxLatest());
        assertThat(index.mightContain(0, 0)).isFalse();
        assertThat(index.distinctKeys(0).size()).isZero();
    }

    @Test
    void sortsDecimalsByValue() {
        Random random = new Random(6);
        List<BigInteger> numbers = random.longs(500, -70_000, 70_000)
                .distinct()
                .mapToObj(BigInteger::valueOf)
                .toList();
        BytesColumn.Builder keys = new BytesColumn.Builder(numbers.size());
        numbers.forEach(number -> keys.append(number.toByteArray()));
        BytesColumn distinct = (BytesColumn)
                SpineIndex.of(List.of(keys.build()), unbounded(numbers.size())).distinctKeys(0, KeyOrder.SIGNED_NUMBER);
        assertThat(IntStream.range(0, distinct.size())
                        .mapToObj(distinct::bytes)
                        .map(BigInteger::new)
                        .toList())
                .isEqualTo(numbers.stream().sorted().toList());
    }

    @Test
    void rejectsBoundsThatDoNotComeFromOneInstant() {
        TimeBounds bounds = new TimeBounds(new long[] {1, 2}, new long[] {2, 1}, new long[2], Nulls.NONE);
        assertThatThrownBy(() -> SpineIndex.of(List.of(LongColumn.of(1, 1)), bounds))
                .hasMessageContaining("rows 0 and 1");
    }

    @Test
    void rejectsKeysOfTheWrongLength() {
        assertThatThrownBy(() -> SpineIndex.of(List.of(LongColumn.of(1)), unbounded(2)))
                .hasMessage("key 0 has 1 rows, but the bounds have 2");
    }

    @Test
    void rowsWithoutKeysAreOneGroup() {
        assertThat(SpineIndex.of(List.of(), unbounded(2)).groups()).isEqualTo(1);
        assertThat(SpineIndex.of(List.of(), unbounded(0)).groups()).isZero();
    }

    @Test
    void memoryIsProportionalToTheSpine() {
        long[] keys = new Random(7).longs(100_000).toArray();
        SpineIndex index = SpineIndex.of(List.of(LongColumn.of(keys)), unbounded(keys.length));
        assertThat(index.retainedBytes()).isBetween(100_000L * 24, 100_000L * 60);
    }
}
