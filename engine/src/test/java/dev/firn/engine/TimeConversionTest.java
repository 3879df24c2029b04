package dev.firn.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Bounds compared with arithmetic of unlimited precision. A failure names its seed: `-Dfirn.seed=N` runs it again.
class TimeConversionTest {
    private static final long SEED = Long.getLong("firn.seed", System.nanoTime());
    private static final int CASES = 100_000;
    private static final List<TimeScale> SCALES = List.of(TimeScale.values());

    @Test
    void rule7AgreesWithUnlimitedArithmetic() {
        Random random = new Random(SEED);
        for (int i = 0; i < CASES; i++) {
            long spine = number(random);
            long ttl = random.nextInt(3) == 0 ? 0 : number(random) & Long.MAX_VALUE;
            long availableAfter = random.nextInt(3) == 0 ? 0 : number(random) & Long.MAX_VALUE;
            TimeScale from = SCALES.get(random.nextInt(3));
            TimeScale to = SCALES.get(random.nextInt(3));
            TimeScale created = SCALES.get(random.nextInt(3));
            TimeBounds bounds =
                    TimeConversion.bounds(new long[] {spine}, from, Nulls.NONE, to, created, ttl, availableAfter);
            String coordinates = "-Dfirn.seed=%d case %d: %d %s to %s, created %s, ttl %d, available after %d"
                    .formatted(SEED, i, spine, from, to, created, ttl, availableAfter);
            BigInteger instant = Scenario.nanos(spine, from);
            BigInteger latest = floor(instant.subtract(Scenario.nanos(availableAfter, TimeScale.MICROS)), unit(to));
            BigInteger latestCreated = floor(instant, unit(created));
            BigInteger earliest = ttl == 0
                    ? BigInteger.valueOf(Long.MIN_VALUE)
                    : ceil(instant.subtract(Scenario.nanos(ttl, TimeScale.MICROS)), unit(to));
            boolean nothing = isBelow(latest) || isBelow(latestCreated) || isAbove(earliest);
            assertThat(bounds.nulls().isNull(0)).as(coordinates).isEqualTo(nothing);
            if (!nothing) {
                assertThat(bounds.latest()[0]).as(coordinates).isEqualTo(saturated(latest));
                assertThat(created(bounds)).as(coordinates).isEqualTo(saturated(latestCreated));
                assertThat(bounds.earliest()[0]).as(coordinates).isEqualTo(saturated(earliest));
            }
        }
    }

    @Test
    void rule7RoundsUpperBoundsDownAndLowerBoundsUpEvenBefore1970() {
        TimeBounds bounds = TimeConversion.bounds(
                new long[] {-1, 1}, TimeScale.NANOS, Nulls.NONE, TimeScale.MICROS, TimeScale.DAYS, 5, 0);
        assertThat(bounds.latest()).containsExactly(-1, 0);
        assertThat(bounds.latestCreated()).containsExactly(-1, 0);
        assertThat(bounds.earliest()).containsExactly(-5, -4);
    }

    @Test
    void rule7SaturatesBoundsBeyondTheColumnsRange() {
        long farDay = 1_000_000_000L;
        TimeBounds future =
                TimeConversion.bounds(new long[] {farDay}, TimeScale.DAYS, Nulls.NONE, TimeScale.NANOS, null, 0, 0);
        assertThat(future.latest()).containsExactly(Long.MAX_VALUE);
        assertThat(future.nulls().any()).isFalse();
        TimeBounds past =
                TimeConversion.bounds(new long[] {-farDay}, TimeScale.DAYS, Nulls.NONE, TimeScale.NANOS, null, 0, 0);
        assertThat(past.nulls().isNull(0))
                .as("no value in nanoseconds is that early")
                .isTrue();
        TimeBounds expired =
                TimeConversion.bounds(new long[] {farDay}, TimeScale.DAYS, Nulls.NONE, TimeScale.NANOS, null, 1, 0);
        assertThat(expired.nulls().isNull(0))
                .as("no value in nanoseconds is within the ttl")
                .isTrue();
    }

    @Test
    void rule3NullTimesStayNull() {
        TimeBounds bounds = TimeConversion.bounds(
                new long[3], TimeScale.MICROS, new Nulls.Builder(3).set(1).build(), TimeScale.MICROS, null, 0, 0);
        assertThat(bounds.nulls().count()).isEqualTo(1);
        assertThat(bounds.nulls().isNull(1)).isTrue();
        assertThat(bounds.latestCreated()).isNull();
    }

    @Test
    void rejectsNegativeDurations() {
        assertThatThrownBy(() ->
                        TimeConversion.bounds(new long[0], TimeScale.MICROS, Nulls.NONE, TimeScale.MICROS, null, -1, 0))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static long created(TimeBounds bounds) {
        long[] created = bounds.latestCreated();
        assertThat(created).isNotNull();
        return created == null ? 0 : created[0];
    }

    /// Small values, huge values, and values at the limits.
    private static long number(Random random) {
        return switch (random.nextInt(5)) {
            case 0 -> Long.MIN_VALUE + random.nextInt(3);
            case 1 -> Long.MAX_VALUE - random.nextInt(3);
            case 2 -> random.nextInt(7) - 3;
            case 3 -> random.nextLong() >> random.nextInt(64);
            default -> random.nextLong(-200_000, 200_000) * 86_400_000_000L + random.nextInt(3) - 1;
        };
    }

    private static BigInteger unit(TimeScale scale) {
        return Scenario.nanos(1, scale);
    }

    private static BigInteger floor(BigInteger nanos, BigInteger unit) {
        BigInteger[] parts = nanos.divideAndRemainder(unit);
        return parts[1].signum() < 0 ? parts[0].subtract(BigInteger.ONE) : parts[0];
    }

    private static BigInteger ceil(BigInteger nanos, BigInteger unit) {
        return floor(nanos.negate(), unit).negate();
    }

    private static boolean isBelow(BigInteger value) {
        return value.compareTo(BigInteger.valueOf(Long.MIN_VALUE)) < 0;
    }

    private static boolean isAbove(BigInteger value) {
        return value.compareTo(BigInteger.valueOf(Long.MAX_VALUE)) > 0;
    }

    private static long saturated(BigInteger value) {
        return isAbove(value) ? Long.MAX_VALUE : isBelow(value) ? Long.MIN_VALUE : value.longValueExact();
    }
}
