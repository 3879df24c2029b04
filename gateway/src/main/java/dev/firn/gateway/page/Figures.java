package dev.firn.gateway.page;

import dev.firn.events.RetrievalProgress;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/// Figures as people read them, each with its unit.
public final class Figures {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    private static final String[] BYTES = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    private static final long MICROS_PER_MILLI = 1_000;
    private static final long MILLIS = 1_000;
    private static final long MINUTE = 60;
    private static final long HOUR = 60 * MINUTE;
    private static final long DAY = 24 * HOUR;

    private Figures() {}

    /// `1,234 rows`, `1 row`.
    ///
    /// @param unit in the plural
    public static String count(long number, String unit) {
        String name = number == 1 && unit.endsWith("s") ? unit.substring(0, unit.length() - 1) : unit;
        return number(number) + " " + name;
    }

    /// `1,234`, for a column whose heading has the unit.
    public static String number(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /// `1.5 MiB`.
    public static String bytes(long bytes) {
        double value = bytes;
        int unit = 0;
        while (value >= 1024 && unit < BYTES.length - 1) {
            value /= 1024;
            unit++;
        }
        return unit == 0 ? bytes + " B" : String.format(Locale.ROOT, "%.1f %s", value, BYTES[unit]);
    }

    /// How much of a stage is done: `12 of 40 files`.
    public static String done(RetrievalProgress step) {
        if (step.getUnit().equals("bytes")) {
            return step.getTotal() > 0
                    ? bytes(step.getDone()) + " of " + bytes(step.getTotal())
                    : bytes(step.getDone());
        }
        return step.getTotal() > 0
                ? number(step.getDone()) + " of " + count(step.getTotal(), step.getUnit())
                : count(step.getDone(), step.getUnit());
    }

    /// `12.5 %`; a dash if there is nothing to divide by.
    public static String percent(long part, long whole) {
        return whole == 0 ? "–" : String.format(Locale.ROOT, "%.1f %%", 100.0 * part / whole);
    }

    /// A duration in its two largest units: `350 ms`, `12.3 s`, `4 min 5 s`, `3 d 2 h`.
    public static String duration(Duration duration) {
        if (duration.isNegative()) {
            return "−" + duration(duration.negated());
        }
        long seconds = duration.toSeconds();
        if (seconds == 0) {
            return duration.toMillis() == 0 && !duration.isZero()
                    ? duration.toNanos() / 1_000 + " µs"
                    : duration.toMillis() + " ms";
        }
        if (seconds < MINUTE) {
            return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / (double) MILLIS);
        }
        if (seconds < HOUR) {
            return two(seconds / MINUTE, "min", seconds % MINUTE, "s");
        }
        return seconds < DAY
                ? two(seconds / HOUR, "h", seconds % HOUR / MINUTE, "min")
                : two(seconds / DAY, "d", seconds % DAY / HOUR, "h");
    }

    private static String two(long large, String largeUnit, long small, String smallUnit) {
        String first = number(large) + " " + largeUnit;
        return small == 0 ? first : first + " " + small + " " + smallUnit;
    }

    public static String millis(long millis) {
        return duration(Duration.ofMillis(millis));
    }

    public static String micros(long micros) {
        return duration(
                Duration.ofSeconds(micros / (MILLIS * MICROS_PER_MILLI), micros % (MILLIS * MICROS_PER_MILLI) * 1_000));
    }

    /// `2026-11-30 12:03:41 UTC`.
    public static String time(Instant at) {
        return TIME.format(at);
    }

    /// `3 min ago`, `in 5 s`: one unit.
    public static String relative(Instant at, Instant now) {
        long seconds = Duration.between(at, now).toSeconds();
        String size = one(Math.abs(seconds));
        return seconds >= 0 ? size + " ago" : "in " + size;
    }

    private static String one(long seconds) {
        if (seconds < MINUTE) {
            return seconds + " s";
        }
        if (seconds < HOUR) {
            return seconds / MINUTE + " min";
        }
        return seconds < 2 * DAY ? seconds / HOUR + " h" : number(seconds / DAY) + " d";
    }
}
