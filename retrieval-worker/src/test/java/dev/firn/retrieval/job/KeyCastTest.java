package dev.firn.retrieval.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.engine.BooleanColumn;
import dev.firn.engine.BytesColumn;
import dev.firn.engine.Column;
import dev.firn.engine.IntColumn;
import dev.firn.engine.LongColumn;
import dev.firn.engine.Nulls;
import java.math.BigInteger;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// docs/semantics.md rule 8: how typed spine columns compare with keys.
final class KeyCastTest {
    private static final Type INT = Types.IntegerType.get();
    private static final Type LONG = Types.LongType.get();

    @Test
    void comparesIntegersByValueAcrossWidths() {
        IntColumn ints = new IntColumn(new int[] {1, -1}, 2, Nulls.NONE);

        assertThat(((LongColumn) cast(INT, LONG, ints)).values()).startsWith(1, -1);
    }

    @Test
    void anIntegerOutOfTheKeysRangeMatchesNothing() {
        Column cast = cast(LONG, INT, LongColumn.of(5, 1L << 31, Long.MIN_VALUE));

        assertThat(cast.isNull(0)).isFalse();
        assertThat(cast.isNull(1)).isTrue();
        assertThat(cast.isNull(2)).isTrue();
    }

    @Test
    void comparesDecimalsByValueAcrossScales() {
        BytesColumn spine = decimals(150, 155);
        BytesColumn cast = (BytesColumn) cast(Types.DecimalType.of(9, 2), Types.DecimalType.of(5, 1), spine);

        assertThat(new BigInteger(cast.bytes(0))).isEqualTo(15);
        assertThat(cast.isNull(1)).isTrue();
    }

    @Test
    void aDecimalBeyondTheKeysPrecisionMatchesNothing() {
        Column cast = cast(Types.DecimalType.of(9, 0), Types.DecimalType.of(3, 1), decimals(99, 100));

        assertThat(cast.isNull(0)).isFalse();
        assertThat(cast.isNull(1)).isTrue();
    }

    @Test
    @Timeout(5)
    void aDecimalLongerThanAnyMatchesNothingAtOnce() {
        byte[] huge = BigInteger.TEN.pow(500_000).toByteArray();
        BytesColumn.Builder builder = new BytesColumn.Builder(2);
        builder.append(huge);
        builder.append(huge);
        Column spine = builder.build();

        for (Type key : new Type[] {Types.DecimalType.of(38, 1), LONG}) {
            Column cast = cast(Types.DecimalType.of(38, 0), key, spine);
            assertThat(cast.isNull(0)).isTrue();
            assertThat(cast.isNull(1)).isTrue();
        }
    }

    @Test
    void readsOnlyStrictUuidsFromStrings() {
        BytesColumn cast = (BytesColumn) cast(
                Types.StringType.get(),
                Types.UUIDType.get(),
                BytesColumn.ofStrings("00000000-0000-0000-0000-000000000001", "0-0-0-0-1"));

        assertThat(cast.bytes(0)).endsWith((byte) 1);
        assertThat(cast.isNull(1)).isTrue();
    }

    @Test
    void comparesUnannotatedBinaryWithStrings() {
        assertThat(KeyCast.between(Types.BinaryType.get(), Types.StringType.get()))
                .isPresent();
    }

    @Test
    void representsBooleansAsNumbers() {
        BooleanColumn column = new BooleanColumn(new boolean[] {true, false}, 2, Nulls.NONE);

        assertThat(((LongColumn) cast(Types.BooleanType.get(), Types.BooleanType.get(), column)).values())
                .containsExactly(1, 0);
    }

    @ParameterizedTest
    @CsvSource({
        "double, long",
        "float, int",
        "string, long",
        "long, string",
        "string, binary",
        "timestamp, timestamptz",
        "date, timestamp",
        "'fixed[4]', 'fixed[8]'",
        "'decimal(5,2)', long",
        "long, 'decimal(5,2)'",
        "boolean, int",
        "uuid, string"
    })
    void refusesEverythingElse(String spine, String key) {
        assertThat(KeyCast.between(Types.fromPrimitiveString(spine), Types.fromPrimitiveString(key)))
                .isEmpty();
    }

    private static Column cast(Type spine, Type key, Column column) {
        return KeyCast.between(spine, key).orElseThrow().apply(column);
    }

    private static BytesColumn decimals(long... unscaled) {
        BytesColumn.Builder builder = new BytesColumn.Builder(unscaled.length);
        for (long value : unscaled) {
            builder.append(BigInteger.valueOf(value).toByteArray());
        }
        return builder.build();
    }
}
