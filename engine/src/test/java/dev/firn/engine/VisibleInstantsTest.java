package dev.firn.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class VisibleInstantsTest {
    private static final long DAY_MICROS = 86_400_000_000L;

    /// Against arithmetic without limits, near the ends of a long and of the range.
    @Test
    void agreesWithUnlimitedArithmetic() {
        long seed = Long.getLong("firn.seed", System.nanoTime());
        System.out.println("VisibleInstantsTest: -Dfirn.seed=" + seed);
        Random random = new Random(seed);
        for (int round = 0; round < 2_000; round++) {
            TimeScale target = random.nextBoolean() ? TimeScale.MICROS : TimeScale.NANOS;
            TimeScale timestamps = heldBy(target, random);
            TimeScale created = random.nextBoolean() ? null : heldBy(target, random);
            long available = random.nextInt(4) == 0 ? Math.abs(any(random) / 2) : random.nextInt(3) * DAY_MICROS;
            // the ends of a long stand for everything beyond, which another test looks at
            long start = Math.max(any(random), Long.MIN_VALUE + 1);
            long end = Math.min(any(random), Long.MAX_VALUE - 1);
            long[] times = {any(random), any(random), any(random)};
            long[] createdAt = {any(random), any(random), any(random)};
            Nulls.Builder nulls = new Nulls.Builder(3);
            nulls.set(2);
            LongColumn found = new VisibleInstants(target, timestamps, created, available, start, end)
                    .of(new FeatureBatch(3, List.of(), times, nulls.build(), createdAt, Nulls.NONE, 0));

            List<@Nullable Long> actual = new ArrayList<>();
            List<@Nullable Long> expected = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                actual.add(found.isNull(i) ? null : found.values()[i]);
                BigInteger visible =
                        scaled(times[i], timestamps, target).add(scaled(available, TimeScale.MICROS, target));
                BigInteger instant = created == null ? visible : visible.max(scaled(createdAt[i], created, target));
                boolean isHeld = i < 2
                        && instant.compareTo(BigInteger.valueOf(start)) >= 0
                        && instant.compareTo(BigInteger.valueOf(end)) <= 0;
                expected.add(isHeld ? instant.longValueExact() : null);
            }
            assertThat(actual)
                    .as(
                            "seed %d, round %d: %s + %d µs, created %s, in %s",
                            seed, round, timestamps, available, created, target)
                    .isEqualTo(expected);
        }
    }

    @Test
    void refusesAnInstantOfTheRangeThatDoesNotFit() {
        long year2300 = 10_413_792_000_000_000L;
        FeatureBatch batch = new FeatureBatch(1, List.of(), new long[] {year2300}, Nulls.NONE, null, Nulls.NONE, 0);

        assertThatExceptionOfType(ArithmeticException.class)
                .isThrownBy(() ->
                        new VisibleInstants(TimeScale.NANOS, TimeScale.MICROS, null, 0, 0, Long.MAX_VALUE).of(batch));
        assertThat(new VisibleInstants(TimeScale.NANOS, TimeScale.MICROS, null, 0, 0, 1L << 40)
                        .of(batch)
                        .isNull(0))
                .isTrue();
        assertThat(new VisibleInstants(TimeScale.MICROS, TimeScale.MICROS, null, 0, 0, Long.MAX_VALUE)
                        .of(batch)
                        .values())
                .containsExactly(year2300);
    }

    @Test
    void refusesAUnitThatIsTooCoarse() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new VisibleInstants(TimeScale.MICROS, TimeScale.NANOS, null, 0, 0, 0))
                .withMessageContaining("MICROS does not hold every value of NANOS");
    }

    private static TimeScale heldBy(TimeScale target, Random random) {
        return switch (random.nextInt(3)) {
            case 0 -> TimeScale.DAYS;
            case 1 -> TimeScale.MICROS;
            default -> target;
        };
    }

    private static long any(Random random) {
        return switch (random.nextInt(5)) {
            case 0 -> random.nextLong();
            case 1 -> Long.MAX_VALUE - random.nextInt(3);
            case 2 -> Long.MIN_VALUE + random.nextInt(3);
            case 3 -> (random.nextBoolean() ? Long.MAX_VALUE : Long.MIN_VALUE) / 1_000 + random.nextInt(5) - 2;
            default -> random.nextInt(100) * DAY_MICROS;
        };
    }

    private static BigInteger scaled(long value, TimeScale from, TimeScale target) {
        return BigInteger.valueOf(value).multiply(BigInteger.valueOf(from.nanos() / target.nanos()));
    }
}
