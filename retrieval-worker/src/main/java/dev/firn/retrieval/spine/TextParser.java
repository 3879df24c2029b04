package dev.firn.retrieval.spine;

import dev.firn.engine.BooleanColumn;
import dev.firn.engine.BytesColumn;
import dev.firn.engine.ColumnBuilder;
import dev.firn.engine.DoubleColumn;
import dev.firn.engine.FloatColumn;
import dev.firn.engine.IntColumn;
import dev.firn.engine.LongColumn;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Pattern;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/// Parses text strictly as one Iceberg type (docs/semantics.md rule 8). Text that is not exactly a value of the type is
/// refused, never rounded.
///
/// Integers are decimal digits. Dates and times of day are ISO-8601; [TimestampText] has the forms of timestamps.
/// An instant without a zone is in the given one, and a date alone means midnight UTC. Booleans are `true` and
/// `false` in any case. Binary and fixed are hexadecimal. Uuids have 36 characters.
///
/// Text comes from outside. So its length is checked before anything else, and no step costs more than time linear in
/// it, or in the limit of its type.
final class TextParser {
    /// The longest exact decimal form of a double has fewer characters.
    private static final int MAX_NUMBER_LENGTH = 1_100;

    // possessive: each character is looked at once
    private static final String DIGITS = "[+-]?+(?:[0-9]++\\.?+[0-9]*+|\\.[0-9]++)";
    private static final Pattern INTEGER = Pattern.compile("-?+[0-9]{1,19}+");
    private static final Pattern FLOATING = Pattern.compile(DIGITS + "(?:[eE][+-]?+[0-9]++)?+|NaN|[+-]?+Infinity");
    private static final Pattern DECIMAL = Pattern.compile(DIGITS + "(?:[eE][+-]?+[0-9]{1,4}+)?+");
    private static final LocalDateTime EPOCH = LocalDateTime.of(1970, 1, 1, 0, 0);
    private static final int NANOS_PER_MICRO = 1_000;

    private final Type type;
    private final ZoneId zone;

    TextParser(Type type, ZoneId zone) {
        this.type = type;
        this.zone = zone;
    }

    /// Appends the value.
    ///
    /// @throws IllegalArgumentException if the text is not a value of the type; says why without quoting the text
    void append(String text, ColumnBuilder builder) {
        if (text.isEmpty() && !(type.typeId() == Type.TypeID.STRING || type.typeId() == Type.TypeID.BINARY)) {
            throw new IllegalArgumentException(
                    "it is empty; a null is a null in JSON, and in CSV an empty field without quotes");
        }
        try {
            switch (builder) {
                case BooleanColumn.Builder booleans -> booleans.append(parseBoolean(text));
                case IntColumn.Builder ints -> ints.append(parseInt(text));
                case LongColumn.Builder longs -> longs.append(parseLong(text));
                case FloatColumn.Builder floats -> floats.append(parseFloat(text));
                case DoubleColumn.Builder doubles -> doubles.append(parseDouble(text));
                case BytesColumn.Builder bytes -> appendBytes(text, bytes);
                default -> throw new IllegalArgumentException("the type cannot be parsed from text");
            }
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("it is not in ISO-8601", e);
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("it is out of range, or has more decimal places than the type", e);
        }
    }

    private static boolean parseBoolean(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("it is neither true nor false");
        };
    }

    private int parseInt(String text) {
        if (type.typeId() == Type.TypeID.DATE) {
            return Math.toIntExact(LocalDate.parse(time(text)).toEpochDay());
        }
        return Math.toIntExact(integer(text));
    }

    private long parseLong(String text) {
        return switch (type.typeId()) {
            case TIME -> {
                long nanos = LocalTime.parse(time(text)).toNanoOfDay();
                yield exactly(nanos, NANOS_PER_MICRO);
            }
            case TIMESTAMP -> {
                LocalDateTime utc = dateTime(text, ((Types.TimestampType) type).shouldAdjustToUTC());
                exactly(utc.toLocalTime().toNanoOfDay(), NANOS_PER_MICRO);
                yield ChronoUnit.MICROS.between(EPOCH, utc);
            }
            case TIMESTAMP_NANO ->
                ChronoUnit.NANOS.between(EPOCH, dateTime(text, ((Types.TimestampNanoType) type).shouldAdjustToUTC()));
            default -> integer(text);
        };
    }

    private static String time(String text) {
        if (text.length() > TimestampText.MAX_LENGTH) {
            throw new IllegalArgumentException("it is not in ISO-8601");
        }
        return text;
    }

    private static long integer(String text) {
        if (!INTEGER.matcher(text).matches()) {
            throw new IllegalArgumentException("it is not an integer");
        }
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new ArithmeticException("out of range");
        }
    }

    private LocalDateTime dateTime(String text, boolean instant) {
        return instant ? TimestampText.utc(text, zone) : TimestampText.local(text);
    }

    private static long exactly(long value, long unit) {
        if (value % unit != 0) {
            throw new ArithmeticException("it has more decimal places than the type");
        }
        return value / unit;
    }

    private static float parseFloat(String text) {
        float value = Float.parseFloat(number(text));
        if (Float.isInfinite(value) && !isInfinity(text)) {
            throw new ArithmeticException("overflow");
        }
        return value;
    }

    private static double parseDouble(String text) {
        double value = Double.parseDouble(number(text));
        if (Double.isInfinite(value) && !isInfinity(text)) {
            throw new ArithmeticException("overflow");
        }
        return value;
    }

    private static boolean isInfinity(String text) {
        return text.endsWith("Infinity");
    }

    private static String number(String text) {
        if (text.length() > MAX_NUMBER_LENGTH || !FLOATING.matcher(text).matches()) {
            throw new IllegalArgumentException("it is not a number");
        }
        return text;
    }

    private void appendBytes(String text, BytesColumn.Builder bytes) {
        switch (type.typeId()) {
            case STRING -> bytes.append(text);
            case UUID ->
                bytes.append(Uuids.parse(text)
                        .orElseThrow(() -> new IllegalArgumentException("it is not a uuid of 36 characters")));
            case DECIMAL -> bytes.append(decimal(text, (Types.DecimalType) type));
            case FIXED -> {
                if (text.length() != 2L * ((Types.FixedType) type).length()) {
                    throw new IllegalArgumentException("it has the wrong length");
                }
                bytes.append(HexFormat.of().parseHex(text));
            }
            default -> bytes.append(HexFormat.of().parseHex(text));
        }
    }

    private static byte[] decimal(String text, Types.DecimalType type) {
        if (text.length() > MAX_NUMBER_LENGTH || !DECIMAL.matcher(text).matches()) {
            throw new IllegalArgumentException("it is not a number");
        }
        BigDecimal value = new BigDecimal(text);
        // fewer digits than superfluous places: no division can be exact
        if (value.signum() != 0 && (long) value.scale() - type.scale() >= value.precision()) {
            throw new ArithmeticException("it has more decimal places than the type");
        }
        if (value.precision() - value.scale() > type.precision() - type.scale() + 1L) {
            throw new ArithmeticException("out of range");
        }
        BigDecimal scaled = value.setScale(type.scale(), RoundingMode.UNNECESSARY);
        if (scaled.precision() > type.precision()) {
            throw new ArithmeticException("out of range");
        }
        return scaled.unscaledValue().toByteArray();
    }
}
