package dev.firn.lake.parquet;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.apache.iceberg.data.Record;
import org.jspecify.annotations.Nullable;

/// Values as the text that `corpus_values.py` makes of PyArrow's.
final class CorpusText {
    private static final BigInteger NANOS_PER_SECOND = BigInteger.valueOf(1_000_000_000);

    private CorpusText() {}

    static @Nullable String of(@Nullable Object value) {
        return switch (value) {
            case null -> null;
            case Float number -> bits(number);
            case Double number -> bits(number);
            case BigDecimal number -> number.toPlainString();
            case LocalDate date -> String.valueOf(date.toEpochDay());
            case LocalTime time -> String.valueOf(time.toNanoOfDay());
            case LocalDateTime time -> nanos(time.toInstant(ZoneOffset.UTC));
            case OffsetDateTime time -> nanos(time.toInstant());
            case UUID uuid ->
                HexFormat.of().toHexDigits(uuid.getMostSignificantBits())
                        + HexFormat.of().toHexDigits(uuid.getLeastSignificantBits());
            case byte[] bytes -> HexFormat.of().formatHex(bytes);
            case ByteBuffer buffer -> {
                byte[] bytes = new byte[buffer.remaining()];
                buffer.duplicate().get(bytes);
                yield HexFormat.of().formatHex(bytes);
            }
            case List<?> list -> list.stream().map(CorpusText::inner).collect(Collectors.joining(", ", "[", "]"));
            case Map<?, ?> map -> {
                Map<String, String> sorted = new TreeMap<>();
                map.forEach((key, entry) -> sorted.put(inner(key), inner(entry)));
                yield sorted.toString();
            }
            case Record record -> {
                StringBuilder fields = new StringBuilder("[");
                for (int i = 0; i < record.size(); i++) {
                    fields.append(i == 0 ? "" : ", ").append(inner(record.get(i)));
                }
                yield fields.append(']').toString();
            }
            default -> value.toString();
        };
    }

    private static String inner(@Nullable Object value) {
        String text = of(value);
        return text == null ? "None" : text;
    }

    private static String bits(double number) {
        return Double.isNaN(number) ? "nan" : HexFormat.of().toHexDigits(Double.doubleToRawLongBits(number));
    }

    private static String nanos(Instant at) {
        return BigInteger.valueOf(at.getEpochSecond())
                .multiply(NANOS_PER_SECOND)
                .add(BigInteger.valueOf(at.getNano()))
                .toString();
    }
}
