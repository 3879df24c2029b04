package dev.firn.testkit.oracle;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The rule of the point-in-time join, implemented literally: for every spine row, it looks at every feature row.
///
/// It costs spine × features. It has no units, no bounds, no hashing and no arithmetic that can overflow. The engine is
/// compared with it, so it must stay simple.
///
/// @param ttlMicros how old a feature row may be; 0 is without limit
/// @param availableAfterMicros how long after its timestamp a feature row becomes visible
/// @param created what the created column decides
public record BruteForceJoin(long ttlMicros, long availableAfterMicros, Created created) {
    private static final BigInteger NANOS_PER_MICRO = BigInteger.valueOf(1_000);
    private static final BigInteger NANOS_PER_SECOND = BigInteger.valueOf(1_000_000_000);

    private static final Comparator<FeatureRow> BY_TIME_THEN_CREATED = Comparator.comparing(
                    FeatureRow::timestampNanos, Comparator.nullsFirst(Comparator.naturalOrder()))
            .thenComparing(FeatureRow::createdNanos, Comparator.nullsFirst(Comparator.naturalOrder()));

    /// What the created column does.
    public enum Created {
        /// It only decides between rows with the same timestamp.
        BREAKS_TIES,
        /// In addition, a row is not visible before it was created (`filter_by_created`).
        FILTERS
    }

    public BruteForceJoin {
        if (ttlMicros < 0) {
            throw new IllegalArgumentException("ttlMicros must not be negative, got " + ttlMicros);
        }
    }

    /// One match for each spine row, in the spine's order.
    public List<Match> join(List<SpineRow> spine, List<FeatureRow> features) {
        List<Match> matches = new ArrayList<>();
        for (SpineRow row : spine) {
            matches.add(match(row, features));
        }
        return matches;
    }

    private Match match(SpineRow spine, List<FeatureRow> features) {
        List<Integer> candidates = IntStream.range(0, features.size())
                .filter(i -> isCandidate(spine, features.get(i)))
                .boxed()
                .toList();
        if (candidates.isEmpty()) {
            return new Match(Match.NONE, false);
        }
        Comparator<Integer> byRule = Comparator.comparing(features::get, BY_TIME_THEN_CREATED);
        int winner = candidates.stream()
                .max(byRule.thenComparing(i -> features.get(i).tieOrder()))
                .orElseThrow();
        long ties =
                candidates.stream().filter(i -> byRule.compare(i, winner) == 0).count();
        return new Match(winner, ties > 1);
    }

    private boolean isCandidate(SpineRow spine, FeatureRow feature) {
        @Nullable BigInteger at = spine.timestampNanos();
        @Nullable BigInteger timestamp = feature.timestampNanos();
        if (at == null || timestamp == null || !keysEqual(spine.keys(), feature.keys())) {
            return false;
        }
        if (timestamp.add(nanos(availableAfterMicros)).compareTo(at) > 0) {
            return false;
        }
        @Nullable BigInteger createdAt = feature.createdNanos();
        if (created == Created.FILTERS && (createdAt == null || createdAt.compareTo(at) > 0)) {
            return false;
        }
        return ttlMicros == 0 || at.subtract(nanos(ttlMicros)).compareTo(timestamp) <= 0;
    }

    /// Column by column; a null equals nothing.
    private static boolean keysEqual(List<@Nullable Object> left, List<@Nullable Object> right) {
        if (left.size() != right.size()) {
            throw new IllegalArgumentException(
                    "spine has %d keys, but feature row has %d".formatted(left.size(), right.size()));
        }
        return IntStream.range(0, left.size()).allMatch(i -> equal(left.get(i), right.get(i)));
    }

    private static boolean equal(@Nullable Object left, @Nullable Object right) {
        if (left == null || right == null) {
            return false;
        }
        return Objects.equals(comparable(left), comparable(right));
    }

    /// Integers of any width and decimals of any scale compare by value, byte arrays by content.
    private static Object comparable(Object key) {
        return switch (key) {
            case Byte number -> decimal(number.longValue());
            case Short number -> decimal(number.longValue());
            case Integer number -> decimal(number.longValue());
            case Long number -> decimal(number);
            case BigInteger number -> new BigDecimal(number).stripTrailingZeros();
            case BigDecimal number -> number.stripTrailingZeros();
            case byte[] bytes -> ByteBuffer.wrap(Arrays.copyOf(bytes, bytes.length));
            case Object other -> other;
        };
    }

    private static BigDecimal decimal(long number) {
        return BigDecimal.valueOf(number).stripTrailingZeros();
    }

    private static BigInteger nanos(long micros) {
        return BigInteger.valueOf(micros).multiply(NANOS_PER_MICRO);
    }

    /// An instant in nanoseconds since the epoch.
    public static BigInteger nanos(Instant instant) {
        return BigInteger.valueOf(instant.getEpochSecond())
                .multiply(NANOS_PER_SECOND)
                .add(BigInteger.valueOf(instant.getNano()));
    }

    /// A date is midnight UTC at its start.
    public static BigInteger nanos(LocalDate date) {
        return nanos(date.atStartOfDay().toInstant(ZoneOffset.UTC));
    }

    /// A time without a zone is UTC.
    public static BigInteger nanos(LocalDateTime time) {
        return nanos(time.toInstant(ZoneOffset.UTC));
    }
}
