package dev.firn.engine;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Random scenarios of all shapes, from a seed. They have few keys and few times, so that rows match, tie and repeat.
/// Some have extreme values.
final class RandomScenarios {
    private static final List<List<KeyOrder>> KEYS = List.of(
            List.of(KeyOrder.LONG),
            List.of(KeyOrder.LONG),
            List.of(KeyOrder.UNSIGNED_BYTES),
            List.of(KeyOrder.LONG, KeyOrder.LONG),
            List.of(KeyOrder.UNSIGNED_BYTES, KeyOrder.UNSIGNED_BYTES),
            List.of(KeyOrder.UNSIGNED_BYTES, KeyOrder.LONG, KeyOrder.UNSIGNED_BYTES));
    private static final List<Long> EXTREMES =
            List.of(Long.MIN_VALUE, Long.MIN_VALUE + 1, -1L, 0L, 1L, Long.MAX_VALUE - 1, Long.MAX_VALUE);
    private static final long MICROS_PER_DAY = 86_400_000_000L;

    private final Random random;
    private final int keysPerColumn;
    private final int spread;
    private final boolean extremes;
    private final double nulls;

    RandomScenarios(Random random) {
        this.random = random;
        this.keysPerColumn = pick(List.of(1, 2, 4, 40, 2000));
        this.spread = pick(List.of(1, 4, 12, 1000));
        this.extremes = random.nextInt(3) == 0;
        this.nulls = pick(List.of(0.0, 0.0, 0.1, 0.5));
    }

    Scenario next() {
        List<KeyOrder> keys = pick(KEYS);
        TimeScale spineScale = pick(List.of(TimeScale.values()));
        TimeScale featureScale = pick(List.of(TimeScale.values()));
        TimeScale createdScale = random.nextInt(3) == 0 ? null : pick(List.of(TimeScale.values()));
        long largest = pick(List.of(3L, 30L, 200L));
        int spineRows = random.nextInt((int) largest);
        // sometimes more than one chunk of 2,048 rows, with a spine small enough for the oracle
        int featureRows = random.nextInt(random.nextInt(20) == 0 ? 6000 : (int) (2 * largest));
        return new Scenario(
                keys,
                spineScale,
                featureScale,
                createdScale,
                createdScale != null && random.nextBoolean(),
                random.nextBoolean() ? 0 : duration(),
                random.nextBoolean() ? 0 : duration(),
                IntStream.range(0, spineRows)
                        .mapToObj(i -> new Scenario.SpineRow(key(keys), time(spineScale)))
                        .toList(),
                features(keys, featureScale, createdScale, featureRows));
    }

    private List<Scenario.FeatureRow> features(
            List<KeyOrder> keys, TimeScale scale, @Nullable TimeScale createdScale, int rows) {
        List<Long> addresses = IntStream.range(0, rows)
                .mapToObj(
                        i -> RowAddress.of(i % 3 == 0 ? RowAddress.MAX_FILES - 1 : i % 3, RowAddress.MAX_ROWS - 1 - i))
                .collect(Collectors.toCollection(ArrayList::new));
        Collections.shuffle(addresses, random);
        return addresses.stream()
                .map(address -> new Scenario.FeatureRow(
                        key(keys), time(scale), createdScale == null ? null : time(createdScale), address))
                .toList();
    }

    private List<@Nullable Object> key(List<KeyOrder> keys) {
        List<@Nullable Object> key = new ArrayList<>();
        for (KeyOrder order : keys) {
            if (random.nextDouble() < nulls / 2) {
                key.add(null);
            } else {
                long number = random.nextInt(keysPerColumn);
                key.add(order == KeyOrder.LONG ? (Object) longKey(number) : text(number));
            }
        }
        return Collections.unmodifiableList(key);
    }

    private long longKey(long number) {
        return extremes && number < EXTREMES.size() ? EXTREMES.get((int) number) : number;
    }

    /// Keys that are empty, prefixes of each other, made of zero bytes, or longer than eight bytes.
    private static String text(long number) {
        return switch ((int) (number % 8)) {
            case 0 -> number == 0 ? "" : "k" + number;
            case 1 -> "\0".repeat((int) Math.min(20, number));
            case 2 -> "é" + number;
            case 3 -> "a key that is longer than one word of eight bytes " + number;
            default -> Long.toString(number);
        };
    }

    private @Nullable Long time(TimeScale scale) {
        if (random.nextDouble() < nulls / 2) {
            return null;
        }
        if (extremes && random.nextInt(4) == 0) {
            return pick(EXTREMES);
        }
        long near = random.nextLong(spread) - spread / 3;
        return switch (scale) {
            case DAYS -> near;
            case MICROS -> near * pick(List.of(1L, 1L, MICROS_PER_DAY / 2)) + random.nextInt(2);
            case NANOS -> near * pick(List.of(1L, 1000L, MICROS_PER_DAY * 500)) + random.nextInt(2);
        };
    }

    private long duration() {
        return pick(List.of(1L, 2L, 5L, 1_000_000L, MICROS_PER_DAY, 3 * MICROS_PER_DAY, Long.MAX_VALUE));
    }

    private <T> T pick(List<T> from) {
        return from.get(random.nextInt(from.size()));
    }
}
