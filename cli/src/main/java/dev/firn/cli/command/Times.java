package dev.firn.cli.command;

import dev.firn.schemas.Micros;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// Reads and formats times and durations for people.
public final class Times {
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");

    private static final Duration CENTURY = Duration.ofDays(36_525);

    private Times() {}

    /// `2024-03-01` (midnight UTC), `2024-03-01T09:00` (UTC), `2024-03-01T09:00:00.5+01:00`.
    public static final class InstantConverter implements ITypeConverter<Instant> {
        @Override
        public Instant convert(String text) {
            try {
                if (text.length() == 10) {
                    return LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant();
                }
                boolean zoned = text.endsWith("Z") || text.substring(10).matches(".*[+-]\\d\\d(:?\\d\\d)?");
                return zoned
                        ? OffsetDateTime.parse(text).toInstant()
                        : LocalDateTime.parse(text).toInstant(ZoneOffset.UTC);
            } catch (DateTimeParseException | StringIndexOutOfBoundsException e) {
                throw new TypeConversionException(
                        "'%s' must be a time such as 2024-03-01 or 2024-03-01T09:00:00Z".formatted(text));
            }
        }
    }

    /// @param start null: no lower limit
    /// @param end null: no upper limit
    public record Range(@Nullable Instant start, @Nullable Instant end) {}

    /// `2024-03-01..2024-04-01`, each end as [InstantConverter] reads it; `2024-03-01..` and `..2024-04-01` are open.
    public static final class RangeConverter implements ITypeConverter<Range> {
        @Override
        public Range convert(String text) {
            int dots = text.indexOf("..");
            if (dots < 0) {
                throw new TypeConversionException(
                        "'%s' must be a range such as 2024-03-01..2024-04-01 or 2024-03-01..".formatted(text));
            }
            return new Range(end(text.substring(0, dots)), end(text.substring(dots + 2)));
        }

        private static @Nullable Instant end(String text) {
            return text.isEmpty() ? null : new InstantConverter().convert(text);
        }
    }

    /// `500ms`, `30s`, `5m`, `1h`, `7d`.
    public static final class DurationConverter implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String text) {
            Matcher matcher = DURATION.matcher(text);
            if (!matcher.matches()) {
                throw new TypeConversionException(
                        "'%s' must be a duration such as 500ms, 30s, 5m, 1h or 7d".formatted(text));
            }
            long number = Long.parseLong(matcher.group(1));
            return switch (matcher.group(2)) {
                case "ms" -> Duration.ofMillis(number);
                case "s" -> Duration.ofSeconds(number);
                case "m" -> Duration.ofMinutes(number);
                case "h" -> Duration.ofHours(number);
                default -> Duration.ofDays(number);
            };
        }
    }

    /// A time as [InstantConverter] reads it, or a duration from now as [DurationConverter] does.
    ///
    /// @throws CommandFailure if it is neither
    public static Instant deadline(String text, Clock clock) {
        try {
            Instant deadline = DURATION.matcher(text).matches()
                    ? clock.instant().plus(new DurationConverter().convert(text))
                    : new InstantConverter().convert(text);
            return Micros.instant(Micros.of(deadline));
        } catch (TypeConversionException | ArithmeticException e) {
            throw CommandFailure.usage(
                    "--deadline: '%s' must be a time such as 2024-03-01T09:00:00Z or a duration such as 30m"
                            .formatted(text));
        }
    }

    /// The nanoseconds of a duration. One that is as good as endless is a century, which a clock can be ahead by.
    public static long nanos(Duration duration) {
        return (duration.compareTo(CENTURY) < 0 ? duration : CENTURY).toNanos();
    }

    /// `840 ms`, `12.4 s`, `3 min 20 s`.
    public static String format(Duration duration) {
        if (duration.toMillis() < 1000) {
            return duration.toMillis() + " ms";
        }
        if (duration.toSeconds() < 100) {
            return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
        }
        return "%d min %d s".formatted(duration.toMinutes(), duration.toSecondsPart());
    }

    /// In the largest unit that keeps the value exact: `30 d`, `90 s`, `1500 ms`, `7 µs`.
    public static String formatMicros(long micros) {
        for (Unit unit : Unit.values()) {
            if (micros % unit.micros == 0) {
                return "%d %s".formatted(micros / unit.micros, unit.name);
            }
        }
        throw new AssertionError("every number is a multiple of 1 µs");
    }

    private enum Unit {
        DAYS(86_400_000_000L, "d"),
        HOURS(3_600_000_000L, "h"),
        MINUTES(60_000_000L, "min"),
        SECONDS(1_000_000L, "s"),
        MILLIS(1_000L, "ms"),
        MICROS(1, "µs");

        private final long micros;
        private final String name;

        Unit(long micros, String name) {
            this.micros = micros;
            this.name = name;
        }
    }
}
