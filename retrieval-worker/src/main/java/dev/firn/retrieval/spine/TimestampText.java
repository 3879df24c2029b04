package dev.firn.retrieval.spine;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads timestamps as ISO-8601 writes them, and as Trino, Spark, pandas, Snowflake, BigQuery, DuckDB and PostgreSQL
/// print them. A date, a time after `T` or a blank, and perhaps a zone, directly or after a blank:
///
/// ```text
/// 2024-03-25
/// 2024-03-25T16:12:12.123456Z            ISO-8601, Spark
/// 2024-03-25 16:12:12.123456+00:00       pandas; also +00 (DuckDB, PostgreSQL)
/// 2024-03-25 16:12:12.123 +0000          Snowflake
/// 2024-03-25 16:12:12.123456 UTC         Trino, BigQuery
/// 2024-03-25 16:12:12.123456 Europe/Berlin   Trino
/// ```
///
/// What could be more than one instant is refused: abbreviations of zones such as `CST`, and a time that a zone's clock
/// shows twice or never. Text comes from outside, so its length is checked first, and each step is linear in it.
final class TimestampText {
    /// `+999999999-12-31T23:59:59.999999999 America/Argentina/ComodRivadavia` has 67.
    static final int MAX_LENGTH = 72;

    private static final String FORMS =
            "it is not a time that can be read; write 2024-03-25T16:12:12.123456Z, 2024-03-25 16:12:12.123456+00:00, "
                    + "2024-03-25 16:12:12.123456 UTC or 2024-03-25 16:12:12.123456 Europe/Berlin";

    private static final String INEXACT_ZONE =
            "its zone is not exact; write an offset such as +00:00, UTC, or a name such as Europe/Berlin";

    // possessive: each character is looked at once
    private static final Pattern DATE_ONLY = Pattern.compile("[+-]?+[0-9]{4,9}+-[0-9]{2}-[0-9]{2}");
    private static final Pattern DATE_AND_TIME = Pattern.compile("([+-]?+[0-9]{4,9}+-[0-9]{2}-[0-9]{2})[Tt ]"
            + "([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\\.[0-9]{1,9}+)?+)?+) ?+(.*+)");
    private static final Pattern OFFSET = Pattern.compile("[+-][0-9]{2}(?::?+[0-9]{2}){0,2}+");

    private TimestampText() {}

    /// The wall clock in UTC.
    ///
    /// @param zone of text without a zone
    /// @throws IllegalArgumentException if the text is not exactly one instant
    static LocalDateTime utc(String text, ZoneId zone) {
        return parse(text, zone);
    }

    /// The wall clock as written.
    ///
    /// @throws IllegalArgumentException if the text is not a time, or has a zone
    static LocalDateTime local(String text) {
        return parse(text, null);
    }

    /// @param zone null: the text must not have one
    private static LocalDateTime parse(String text, @Nullable ZoneId zone) {
        if (text.length() > MAX_LENGTH) {
            throw new IllegalArgumentException(FORMS);
        }
        try {
            if (DATE_ONLY.matcher(text).matches()) {
                return LocalDate.parse(text).atStartOfDay();
            }
            Matcher parts = DATE_AND_TIME.matcher(text);
            if (!parts.matches()) {
                throw new IllegalArgumentException(FORMS);
            }
            String dateAndTime = parts.group(1) + 'T' + parts.group(2);
            String suffix = parts.group(3);
            if (zone == null) {
                if (!suffix.isEmpty()) {
                    throw new IllegalArgumentException("it has a zone, but the type has none");
                }
                return LocalDateTime.parse(dateAndTime);
            }
            return suffix.isEmpty() ? toUtc(LocalDateTime.parse(dateAndTime), zone) : withSuffix(dateAndTime, suffix);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(FORMS, e);
        }
    }

    /// [java.time.ZonedDateTime#of] takes the earlier offset in an overlap and shifts forward in a gap.
    private static LocalDateTime toUtc(LocalDateTime local, ZoneId zone) {
        return local.atZone(zone).withZoneSameInstant(ZoneOffset.UTC).toLocalDateTime();
    }

    private static LocalDateTime withSuffix(String dateAndTime, String suffix) {
        if (suffix.equalsIgnoreCase("Z") || suffix.equals("UTC") || suffix.equals("GMT")) {
            return LocalDateTime.parse(dateAndTime);
        }
        if (OFFSET.matcher(suffix).matches()) {
            return OffsetDateTime.parse(dateAndTime + withColon(suffix))
                    .withOffsetSameInstant(ZoneOffset.UTC)
                    .toLocalDateTime();
        }
        LocalDateTime local = LocalDateTime.parse(dateAndTime);
        ZoneId zone = region(suffix);
        List<ZoneOffset> offsets = zone.getRules().getValidOffsets(local);
        if (offsets.size() != 1) {
            throw new IllegalArgumentException("the clocks of %s show this time %s; write it with an offset or in UTC"
                    .formatted(suffix, offsets.isEmpty() ? "never" : "twice"));
        }
        return toUtc(local, zone);
    }

    private static ZoneId region(String name) {
        try {
            if (name.indexOf('/') >= 0) {
                return ZoneId.of(name);
            }
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(INEXACT_ZONE, e);
        }
        throw new IllegalArgumentException(INEXACT_ZONE);
    }

    /// `+02` and `+0200` are ISO-8601 too, but [OffsetDateTime#parse] wants a colon.
    private static String withColon(String offset) {
        return switch (offset.length()) {
            case 3 -> offset + ":00";
            case 5 -> offset.substring(0, 3) + ":" + offset.substring(3);
            default -> offset;
        };
    }
}
