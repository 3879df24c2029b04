package dev.firn.retrieval.spine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.engine.BooleanColumn;
import dev.firn.engine.BytesColumn;
import dev.firn.engine.Column;
import dev.firn.engine.ColumnBuilder;
import dev.firn.engine.DoubleColumn;
import dev.firn.engine.IntColumn;
import dev.firn.engine.LongColumn;
import java.math.BigInteger;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TextParserTest {
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    @Test
    void keepsLeadingZerosOfStrings() {
        assertThat(((BytesColumn) parse(Types.StringType.get(), "007")).string(0))
                .isEqualTo("007");
    }

    @Test
    void refusesNumbersThatAreTooLargeForTheirType() {
        assertThatThrownBy(() -> parse(Types.DoubleType.get(), "-1e400")).hasMessageContaining("out of range");
        assertThatThrownBy(() -> parse(Types.FloatType.get(), "1e39")).hasMessageContaining("out of range");
        assertThat(((DoubleColumn) parse(Types.DoubleType.get(), "-Infinity")).values()[0])
                .isEqualTo(Double.NEGATIVE_INFINITY);
    }

    @ParameterizedTest
    @CsvSource({
        "2024-01-02T03:04:05Z, 2024-01-02T03:04:05Z",
        "2024-01-02 03:04:05.000001+00:00, 2024-01-02T03:04:05.000001Z",
        "2024-01-02T03:04:05+02, 2024-01-02T01:04:05Z",
        "2024-01-02T03:04:05-0530, 2024-01-02T08:34:05Z",
        "2024-01-02T03:04, 2024-01-02T03:04:00Z",
        "2024-01-02, 2024-01-02T00:00:00Z",
        "1969-12-31T23:59:59.999999, 1969-12-31T23:59:59.999999Z"
    })
    void readsInstantsInIso8601(String text, Instant expected) {
        LongColumn column = (LongColumn) parse(Types.TimestampType.withZone(), text);

        assertThat(column.values()[0])
                .isEqualTo(Math.addExact(expected.getEpochSecond() * 1_000_000L, expected.getNano() / 1_000));
    }

    /// As Trino, Spark, pandas, Snowflake, BigQuery, DuckDB and PostgreSQL print them.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "2024-03-25 16:12:12.123456 UTC",
                "2024-03-25 16:12:12.123456 GMT",
                "2024-03-25 16:12:12.123456Z",
                "2024-03-25 16:12:12.123456 Z",
                "2024-03-25T16:12:12.123456000Z",
                "2024-03-25 16:12:12.123456+00",
                "2024-03-25 16:12:12.123456+0000",
                "2024-03-25 16:12:12.123456 +0000",
                "2024-03-25 16:12:12.123456 +00:00",
                "2024-03-25 17:12:12.123456 Europe/Berlin",
                "2024-03-25 13:12:12.123456 America/Argentina/Buenos_Aires",
                "2024-03-25T21:42:12.123456+05:30",
                "2024-03-25 21:42:12.123456 Asia/Kolkata",
            })
    void readsInstantsAsDatabasesPrintThem(String text) {
        for (Type type : List.of(Types.TimestampType.withZone(), Types.TimestampNanoType.withZone())) {
            long micros = 1_711_383_132_123_456L;
            assertThat(((LongColumn) parse(type, BERLIN, text)).values()[0])
                    .isEqualTo(type.typeId() == Type.TypeID.TIMESTAMP ? micros : micros * 1_000);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1711383132",
                "1711383132123",
                "03/25/2024 16:12:12",
                "25.03.2024 16:12",
                "2024-03-25 16:12:12 CST",
                "2024-03-25 16:12:12 EST",
                "2024-03-25 16:12:12 UTC+2",
                "2024-03-25 16:12:12 Europe/Nowhere",
                "2024-10-27 02:30:00 Europe/Berlin",
                "2024-03-31 02:30:00 Europe/Berlin",
                "2024-03-25 4:12:12 PM",
                "2024-03-25  16:12:12",
                "2024-03-25 16:12:12  UTC",
                "20240325T161212Z",
            })
    void refusesTimesThatAreNotOneInstantAndSaysWhatIsRead(String text) {
        assertThatThrownBy(() -> parse(Types.TimestampType.withZone(), text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("write ");
    }

    @ParameterizedTest
    @CsvSource({
        "2024-07-01T12:00:00, 2024-07-01T10:00:00Z",
        "2024-10-27T02:30:00, 2024-10-27T00:30:00Z",
        "2024-03-31T02:30:00, 2024-03-31T01:30:00Z"
    })
    void readsZonelessInstantsInTheSpinesZone(String text, Instant expected) {
        LongColumn column = (LongColumn) parse(Types.TimestampType.withZone(), BERLIN, text);

        assertThat(column.values()[0]).isEqualTo(expected.getEpochSecond() * 1_000_000L);
    }

    @Test
    void readsDecimalsByValueAndKeepsTheScale() {
        BytesColumn column = (BytesColumn) parse(Types.DecimalType.of(6, 2), "-12.5");

        assertThat(new BigInteger(column.bytes(0))).isEqualTo(-1250);
    }

    @Test
    void readsUuidsInAnyCase() {
        BytesColumn column = (BytesColumn) parse(Types.UUIDType.get(), "00000000-0000-0000-0000-0000000000FF");

        assertThat(column.bytes(0)).hasSize(16).endsWith((byte) 0xFF);
    }

    @Test
    void readsBooleansInAnyCase() {
        assertThat(((BooleanColumn) parse(Types.BooleanType.get(), "True")).values()[0])
                .isTrue();
    }

    @Test
    void readsDatesAsDays() {
        assertThat(((IntColumn) parse(Types.DateType.get(), "1969-12-31")).values()[0])
                .isEqualTo(-1);
    }

    @ParameterizedTest
    @CsvSource({
        "int, 2147483648",
        "int, 1.0",
        "int, ' 1'",
        "int, +1",
        "long, 9223372036854775808",
        "long, 0x10",
        "boolean, yes",
        "date, 2024-1-2",
        "date, 2024-02-30",
        "time, 25:00",
        "'decimal(4,2)', 1.234",
        "'decimal(4,2)', 123.00",
        "uuid, 0-0-0-0-1",
        "timestamptz, 2024-01-02T03:04:05.0000001Z",
        "timestamptz, yesterday",
        "timestamp, 2024-01-02T03:04:05Z",
        "double, 1d",
        "float, 0x1p3",
        "binary, xyz",
        "'fixed[2]', 010203"
    })
    void refusesTextThatIsNotExactlyAValueOfTheType(String type, String text) {
        assertThatThrownBy(() -> parse(Types.fromPrimitiveString(type), text))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static Column parse(Type type, String text) {
        return parse(type, ZoneOffset.UTC, text);
    }

    private static Column parse(Type type, ZoneId zone, String text) {
        ColumnBuilder builder = Columns.builder(type, 1);
        new TextParser(type, zone).append(text, builder);
        return builder.build();
    }
}
