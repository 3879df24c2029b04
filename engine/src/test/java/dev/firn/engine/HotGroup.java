package dev.firn.engine;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/// One key with all the rows, at repeating times.
final class HotGroup {
    private HotGroup() {}

    static Scenario of(Random random, int spineRows, int featureRows) {
        List<KeyOrder> keys = List.of(KeyOrder.LONG);
        return new Scenario(
                keys,
                TimeScale.MICROS,
                TimeScale.MICROS,
                TimeScale.MICROS,
                random.nextBoolean(),
                0,
                0,
                IntStream.range(0, spineRows)
                        .mapToObj(i -> new Scenario.SpineRow(List.of(7L), (long) random.nextInt(5000)))
                        .toList(),
                IntStream.range(0, featureRows)
                        .mapToObj(i -> new Scenario.FeatureRow(
                                List.of(7L),
                                (long) random.nextInt(5000),
                                (long) random.nextInt(5000),
                                RowAddress.of(0, i)))
                        .toList());
    }
}
