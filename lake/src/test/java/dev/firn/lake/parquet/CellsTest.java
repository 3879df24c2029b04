package dev.firn.lake.parquet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.engine.BytesColumn;
import dev.firn.engine.Column;
import dev.firn.engine.IntColumn;
import dev.firn.engine.LongColumn;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class CellsTest {
    static Stream<Arguments> values() {
        return Stream.of(
                Arguments.of(Types.DateType.get(), IntColumn.of(-1), LocalDate.of(1969, 12, 31)),
                Arguments.of(Types.IntegerType.get(), IntColumn.of(7), 7),
                Arguments.of(Types.LongType.get(), LongColumn.of(7), 7L),
                Arguments.of(
                        Types.TimestampType.withoutZone(),
                        LongColumn.of(-1),
                        LocalDateTime.of(1969, 12, 31, 23, 59, 59, 999_999_000)),
                Arguments.of(
                        Types.TimestampType.withZone(),
                        LongColumn.of(1_500_001),
                        Instant.parse("1970-01-01T00:00:01.500001Z")),
                Arguments.of(
                        Types.TimestampNanoType.withZone(),
                        LongColumn.of(1),
                        Instant.parse("1970-01-01T00:00:00.000000001Z")),
                Arguments.of(Types.StringType.get(), BytesColumn.ofStrings("grün"), "grün"),
                Arguments.of(Types.DecimalType.of(9, 2), bytes((byte) 0xFF, (byte) 0x6A), new BigDecimal("-1.50")),
                Arguments.of(Types.BinaryType.get(), bytes((byte) 0xCA, (byte) 0xFE), "cafe"),
                Arguments.of(
                        Types.UUIDType.get(),
                        bytes(new byte[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}),
                        UUID.fromString("00010203-0405-0607-0809-0a0b0c0d0e0f")));
    }

    @ParameterizedTest
    @MethodSource("values")
    void convertsAValueByItsType(Type type, Column column, Object shown) {
        assertThat(Cells.value(type, column, 0)).isEqualTo(shown);
    }

    @Test
    void returnsNullForNull() {
        Column column = new LongColumn.Builder(1).appendNull().build();
        assertThat(Cells.value(Types.LongType.get(), column, 0)).isNull();
    }

    private static BytesColumn bytes(byte... value) {
        return new BytesColumn(value, new int[] {0, value.length}, 1, dev.firn.engine.Nulls.NONE);
    }
}
