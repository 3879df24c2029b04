package dev.firn.lake.scan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.engine.Column;
import dev.firn.engine.KeyOrder;
import dev.firn.engine.LongColumn;
import dev.firn.lake.parquet.ColumnValues;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.iceberg.util.ByteBuffers;
import org.apache.iceberg.util.DateTimeUtil;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Rule 14: manifests whose bounds and counts are not what they promise. Rows are found in spite of them.
final class DistrustedBoundsTest {
    private static final FeatureColumns COLUMNS = new FeatureColumns(List.of(1), 2, null, null);
    private static final String TIME = "2024-01-01T20:04:53.080758Z";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private FeatureTable table(Type key, Type time, PartitionSpec spec) {
        return FeatureTable.create(folder, schema(key, time), spec, time instanceof Types.TimestampNanoType ? 3 : 2);
    }

    private static Schema schema(Type key, Type time) {
        return new Schema(NestedField.optional(1, "id", key), NestedField.optional(2, "ts", time));
    }

    private FeatureTable table(Type key) {
        return table(key, Types.TimestampType.withZone(), PartitionSpec.unpartitioned());
    }

    private static void append(
            FeatureTable table,
            List<Record> rows,
            @Nullable Map<Integer, ByteBuffer> lower,
            @Nullable Map<Integer, ByteBuffer> upper) {
        append(table, rows, new Metrics((long) rows.size(), null, null, null, null, lower, upper));
    }

    private static void append(FeatureTable table, List<Record> rows, Metrics metrics) {
        for (DataFile written : table.write(rows)) {
            table.table
                    .newAppend()
                    .appendFile(DataFiles.builder(table.table.spec())
                            .copy(written)
                            .withMetrics(metrics)
                            .build())
                    .commit();
        }
    }

    private static ScannedRows scan(FeatureTable table, ScanBounds bounds) {
        return new ScannedRows(table.head(), COLUMNS, bounds, ScanSettings.DEFAULTS);
    }

    private static ScanBounds key(Type type, Object value) {
        return keys(type, ColumnValues.column(type, List.of(value)));
    }

    private static ScanBounds keys(Type type, Column keys) {
        return ScanBounds.of(
                List.of(KeyTypes.normalised(keys)), List.of(KeyTypes.orderOf(type)), Long.MIN_VALUE, Long.MAX_VALUE);
    }

    private static ByteBuffer bytes(Type type, Object value) {
        return Conversions.toByteBuffer(type, value);
    }

    private static long micros(String time) {
        return DateTimeUtil.microsFromTimestamptz(OffsetDateTime.parse(time));
    }

    static Stream<PartitionSpec> specs() {
        Schema schema = schema(Types.LongType.get(), Types.TimestampType.withZone());
        return Stream.of(
                PartitionSpec.unpartitioned(),
                PartitionSpec.builderFor(schema).day("ts").build(),
                PartitionSpec.builderFor(schema).bucket("id", 4).build(),
                PartitionSpec.builderFor(schema).truncate("id", 1_000).build());
    }

    @ParameterizedTest
    @MethodSource("specs")
    void aTimeBoundCutToTheMillisecondOrSecondLosesNoRow(PartitionSpec spec) {
        long time = micros(TIME);
        for (long unit : new long[] {1, 1_000, 1_000_000}) {
            Path parent = folder;
            folder = parent.resolve("unit" + unit);
            FeatureTable table = table(Types.LongType.get(), Types.TimestampType.withZone(), spec);
            ByteBuffer cut = bytes(Types.LongType.get(), time / unit * unit);
            append(
                    table,
                    List.of(table.row("id", 1L, "ts", OffsetDateTime.parse(TIME))),
                    Map.of(2, cut),
                    Map.of(2, cut));
            assertThat(scan(table, ScanBounds.ofTimes(time, time)).rows)
                    .as("cut to %d µs", unit)
                    .hasSize(1);
            assertThat(scan(table, ScanBounds.ofTimes(time, Long.MAX_VALUE)).rows)
                    .hasSize(1);
            assertThat(scan(table, ScanBounds.ofTimes(time / unit * unit + unit, Long.MAX_VALUE)).rows)
                    .as("beyond what can have been cut")
                    .isEmpty();
            folder = parent;
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1_000, 1_000_000, 1_000_000_000})
    void aNanosecondBoundCutToACoarserUnitLosesNoRow(long unit) {
        Type nanos = Types.TimestampNanoType.withZone();
        FeatureTable table = table(Types.LongType.get(), nanos, PartitionSpec.unpartitioned());
        OffsetDateTime at = OffsetDateTime.parse("2024-01-01T20:04:53.080758123Z");
        long time = at.toEpochSecond() * 1_000_000_000 + at.getNano();
        ByteBuffer cut = bytes(Types.LongType.get(), time / unit * unit);
        append(table, List.of(table.row("id", 1L, "ts", at)), Map.of(2, cut), Map.of(2, cut));
        assertThat(scan(table, ScanBounds.ofTimes(time, time)).rows).hasSize(1);
    }

    /// Division in Java, C and Rust cuts towards zero.
    @Test
    void aLowerBoundBefore1970CutTowardsZeroLosesNoRow() {
        FeatureTable table = table(Types.LongType.get());
        OffsetDateTime at = OffsetDateTime.parse("1969-12-31T23:59:58.500400Z");
        long time = at.toEpochSecond() * 1_000_000 + at.getNano() / 1_000;
        ByteBuffer cut = bytes(Types.LongType.get(), time / 1_000 * 1_000);
        append(table, List.of(table.row("id", 1L, "ts", at)), Map.of(2, cut), Map.of(2, cut));
        assertThat(scan(table, ScanBounds.ofTimes(Long.MIN_VALUE, time)).rows).hasSize(1);
    }

    @Test
    void aTimeThatIsAKeyIsFoundWhereItsBoundIsCut() {
        Type type = Types.TimestampType.withZone();
        FeatureTable table = table(type);
        ByteBuffer cut = bytes(Types.LongType.get(), micros(TIME) / 1_000 * 1_000);
        OffsetDateTime at = OffsetDateTime.parse(TIME);
        append(table, List.of(table.row("id", at, "ts", at)), Map.of(1, cut), Map.of(1, cut));
        assertThat(scan(table, keys(type, LongColumn.of(micros(TIME)))).rows).hasSize(1);
    }

    record Swapped(Type type, Object low, Object high) {}

    static Stream<Swapped> swapped() {
        return Stream.of(
                new Swapped(Types.IntegerType.get(), 1, 5),
                new Swapped(Types.LongType.get(), 1L, 5L),
                new Swapped(Types.DateType.get(), 1, 5),
                new Swapped(Types.StringType.get(), "a", "c"),
                new Swapped(Types.DecimalType.of(9, 2), new BigDecimal("-1.50"), new BigDecimal("2.00")),
                new Swapped(Types.DecimalType.of(9, 2), new BigDecimal("-3.00"), new BigDecimal("-1.50")),
                new Swapped(
                        Types.BinaryType.get(), ByteBuffer.wrap(new byte[] {1}), ByteBuffer.wrap(new byte[] {(byte) 200
                        })),
                new Swapped(Types.FixedType.ofLength(1), new byte[] {1}, new byte[] {(byte) 200}));
    }

    private static Object rowValue(Type type, Object internal) {
        return type.typeId() == Type.TypeID.DATE ? DateTimeUtil.dateFromDays((int) internal) : internal;
    }

    private static ByteBuffer bound(Type type, Object value) {
        return value instanceof byte[] bytes ? ByteBuffer.wrap(bytes) : bytes(type, value);
    }

    @ParameterizedTest
    @MethodSource("swapped")
    void aLeastValueAboveTheGreatestIsNoBound(Swapped keys) {
        FeatureTable table = table(keys.type);
        OffsetDateTime at = OffsetDateTime.parse(TIME);
        append(
                table,
                List.of(
                        table.row("id", rowValue(keys.type, keys.low), "ts", at),
                        table.row("id", rowValue(keys.type, keys.high), "ts", at)),
                Map.of(1, bound(keys.type, keys.high)),
                Map.of(1, bound(keys.type, keys.low)));
        for (Object key : List.of(keys.low, keys.high)) {
            assertThat(scan(
                                    table,
                                    key(
                                            keys.type,
                                            key instanceof ByteBuffer buffer ? ByteBuffers.toByteArray(buffer) : key))
                            .rows)
                    .as("%s of %s", key, keys)
                    .isNotEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("specs")
    void aLeastTimeAboveTheGreatestIsNoBound(PartitionSpec spec) {
        FeatureTable table = table(Types.LongType.get(), Types.TimestampType.withZone(), spec);
        append(
                table,
                List.of(table.row("id", 1L, "ts", OffsetDateTime.parse(TIME))),
                Map.of(2, bytes(Types.LongType.get(), micros(TIME) + 86_400_000_000L)),
                Map.of(2, bytes(Types.LongType.get(), micros(TIME) - 86_400_000_000L)));
        assertThat(scan(table, ScanBounds.ofTimes(micros(TIME), micros(TIME))).rows)
                .hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({"1, 0, 0", "1, 1, 1", "1, 7, 7", "0, 1, 0"})
    void countsOfRowsValuesAndNullsDoNotHideAFile(long rows, long values, long nulls) {
        FeatureTable table = table(
                Types.LongType.get(),
                Types.TimestampType.withZone(),
                specs().toList().get(1));
        append(
                table,
                List.of(table.row("id", 1L, "ts", OffsetDateTime.parse(TIME))),
                new Metrics(
                        rows,
                        null,
                        Map.of(1, values, 2, values),
                        Map.of(1, nulls, 2, nulls),
                        null,
                        Map.of(1, bytes(Types.LongType.get(), 1L)),
                        Map.of(1, bytes(Types.LongType.get(), 1L))));
        assertThat(scan(table, ScanBounds.ofTimes(micros(TIME), micros(TIME))).rows)
                .hasSize(1);
    }

    @Test
    void aStringBoundThatWasCutAndNotRaisedLosesNoRow() {
        FeatureTable table = table(Types.StringType.get());
        String key = "customer-00000000000042";
        ByteBuffer cut = ByteBuffer.wrap(key.substring(0, 16).getBytes(StandardCharsets.UTF_8));
        append(table, List.of(table.row("id", key, "ts", OffsetDateTime.parse(TIME))), Map.of(1, cut), Map.of(1, cut));
        assertThat(scan(table, key(Types.StringType.get(), key)).rows).hasSize(1);
        assertThat(scan(table, key(Types.StringType.get(), "customer-00000010"))
                        .plan
                        .files())
                .as("beyond what can have been cut")
                .isZero();
    }

    static Stream<ByteBuffer> unreadable() {
        return Stream.of(
                ByteBuffer.allocate(0), ByteBuffer.allocate(1), ByteBuffer.allocate(3), ByteBuffer.allocate(40));
    }

    @ParameterizedTest
    @MethodSource("unreadable")
    void aBoundOfTheWrongLengthIsNoBound(ByteBuffer bound) {
        for (Type type : List.of(Types.IntegerType.get(), Types.LongType.get(), Types.DateType.get())) {
            Path parent = folder;
            folder = parent.resolve(type.toString());
            FeatureTable table = table(type);
            Object value = type.typeId() == Type.TypeID.LONG ? (Object) 77L : (Object) 77;
            append(
                    table,
                    List.of(table.row("id", rowValue(type, value), "ts", OffsetDateTime.parse(TIME))),
                    Map.of(1, bound, 2, bound),
                    Map.of(1, bound, 2, bound));
            assertThat(scan(table, key(type, value)).rows).as(type.toString()).hasSize(1);
            folder = parent;
        }
    }

    @Test
    void boundsOfEightBytesServeAnIntColumn() {
        FeatureTable table = table(Types.IntegerType.get());
        List<Record> rows = new ArrayList<>();
        rows.add(table.row("id", -5, "ts", OffsetDateTime.parse(TIME)));
        append(table, rows, Map.of(1, bytes(Types.LongType.get(), -5L)), Map.of(1, bytes(Types.LongType.get(), -5L)));
        assertThat(scan(table, key(Types.IntegerType.get(), -5)).rows).hasSize(1);
        assertThat(scan(table, key(Types.IntegerType.get(), 5)).plan.files()).isZero();
    }

    @Test
    void equalNegativeDecimalBoundsHoldTheirValue() {
        Type type = Types.DecimalType.of(9, 2);
        FeatureTable table = table(type);
        ByteBuffer padded = ByteBuffer.wrap(new byte[] {-1, -1, -1, (byte) 0x6A});
        assertThat(new BigInteger(padded.array())).isEqualTo(BigInteger.valueOf(-150));
        append(
                table,
                List.of(table.row("id", new BigDecimal("-1.50"), "ts", OffsetDateTime.parse(TIME))),
                Map.of(1, padded),
                Map.of(1, padded));
        assertThat(scan(table, key(type, new BigDecimal("-1.50"))).rows).hasSize(1);
        assertThat(scan(table, key(type, new BigDecimal("-1.49"))).plan.files()).isZero();
    }

    /// Not every writer cuts between characters.
    @Test
    void aStringBoundCutWithinACharacterIsReadAsBytes() {
        FeatureTable table = table(Types.StringType.get());
        byte[] key = "ключ-ключ-ключ".getBytes(StandardCharsets.UTF_8);
        ByteBuffer cut = ByteBuffer.wrap(key, 0, 17).slice().order(ByteOrder.LITTLE_ENDIAN);
        append(
                table,
                List.of(table.row("id", "ключ-ключ-ключ", "ts", OffsetDateTime.parse(TIME))),
                Map.of(1, cut),
                Map.of(1, cut));
        assertThat(scan(table, key(Types.StringType.get(), "ключ-ключ-ключ")).rows)
                .hasSize(1);
        assertThat(KeyTypes.orderOf(Types.StringType.get())).isEqualTo(KeyOrder.UNSIGNED_BYTES);
    }
}
