package dev.firn.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Dictionary-encoded keys join like the same keys without a dictionary.
final class DictionaryColumnTest {
    private static final BytesColumn WORDS = BytesColumn.ofStrings("", "a", "ab", "b", "a longer word than a word");

    private static DictionaryColumn random(Random random, int size) {
        Nulls.Builder nulls = new Nulls.Builder(size);
        int[] ids = new int[size + 3];
        for (int i = 0; i < size; i++) {
            ids[i] = random.nextInt(WORDS.size());
            if (random.nextInt(9) == 0) {
                nulls.set(i);
            }
        }
        return new DictionaryColumn(new DictionaryColumn.Dictionary(WORDS), ids, size, nulls.build());
    }

    @Test
    void expandsToTheValuesOfItsRows() {
        DictionaryColumn column = random(new Random(1), 50);
        BytesColumn expanded = column.expanded();
        for (int i = 0; i < 50; i++) {
            assertThat(expanded.isNull(i)).isEqualTo(column.isNull(i));
            if (!column.isNull(i)) {
                assertThat(expanded.string(i)).isEqualTo(WORDS.string(column.ids()[i]));
            }
        }
        int[] rows = {3, -1, 7};
        assertThat(column.take(rows).expanded().nulls().isNull(1)).isTrue();
        assertThat(column.take(rows).expanded().bytes(2))
                .isEqualTo(expanded.take(rows).bytes(2));
    }

    @Test
    void rule8DictionaryKeysJoinLikePlainOnesAloneAndInCompositeKeys() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 50; round++) {
            DictionaryColumn words = random(random, 300);
            LongColumn numbers = LongColumn.of(random.longs(300, 0, 4).toArray());
            BytesColumn spineWords = random(random, 40).expanded();
            LongColumn spineNumbers = LongColumn.of(random.longs(40, 0, 4).toArray());
            long[] times = random.longs(300, 0, 100).toArray();
            long[] spineTimes = random.longs(40, 0, 100).toArray();

            assertThat(winners(List.of(spineWords), List.of(words), spineTimes, times))
                    .as("seed %d", seed)
                    .isEqualTo(winners(List.of(spineWords), List.of(words.expanded()), spineTimes, times));
            assertThat(winners(List.of(spineWords, spineNumbers), List.of(words, numbers), spineTimes, times))
                    .as("seed %d", seed)
                    .isEqualTo(winners(
                            List.of(spineWords, spineNumbers), List.of(words.expanded(), numbers), spineTimes, times));
        }
    }

    private static List<Long> winners(List<Column> spine, List<Column> keys, long[] spineTimes, long[] times) {
        long[] earliest = new long[spineTimes.length];
        java.util.Arrays.fill(earliest, Long.MIN_VALUE);
        TimeBounds bounds = new TimeBounds(spineTimes, null, earliest, Nulls.NONE);
        PointInTimeJoin join = new PointInTimeJoin(SpineIndex.of(spine, bounds));
        join.probe().accept(new FeatureBatch(times.length, keys, times, Nulls.NONE, null, Nulls.NONE, 0L));
        Winners winners = join.finish();
        return IntStream.range(0, spineTimes.length).mapToObj(winners::address).toList();
    }
}
