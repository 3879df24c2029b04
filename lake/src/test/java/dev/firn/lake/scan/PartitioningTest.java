package dev.firn.lake.scan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.engine.Column;
import dev.firn.engine.DictionaryColumn;
import dev.firn.engine.KeyOrder;
import dev.firn.engine.LongColumn;
import dev.firn.lake.catalog.PinnedTable;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Rules 13 and 14: hidden partitioning by any transform, with keys of any type, changes only the speed, and so does a
/// change of the spec.
final class PartitioningTest {
    private static final int KEYS = 16;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    record Layout(String type, String transform, BiFunction<PartitionSpec.Builder, String, PartitionSpec.Builder> by) {
        @Override
        public String toString() {
            return transform + " of " + type;
        }
    }

    static Stream<Layout> layouts() {
        List<Layout> layouts = new ArrayList<>();
        for (String type : List.of(
                "boolean",
                "int",
                "long",
                "date",
                "time",
                "timestamp",
                "timestamptz_ns",
                "string",
                "binary",
                "fixed[5]",
                "uuid",
                "decimal(9, 2)",
                "decimal(30, 4)")) {
            layouts.add(new Layout(type, "identity", PartitionSpec.Builder::identity));
            if (!type.equals("boolean")) {
                layouts.add(new Layout(type, "bucket", (spec, name) -> spec.bucket(name, 5)));
            }
            layouts.add(new Layout(type, "void", PartitionSpec.Builder::alwaysNull));
        }
        for (String type : List.of("int", "long", "string", "binary", "decimal(9, 2)", "decimal(30, 4)")) {
            layouts.add(new Layout(type, "truncate", (spec, name) -> spec.truncate(name, 3)));
        }
        for (String type : List.of("date", "timestamp", "timestamptz_ns")) {
            layouts.add(new Layout(type, "year", PartitionSpec.Builder::year));
            layouts.add(new Layout(type, "month", PartitionSpec.Builder::month));
            layouts.add(new Layout(type, "day", PartitionSpec.Builder::day));
        }
        layouts.add(new Layout("timestamp", "hour", PartitionSpec.Builder::hour));
        layouts.add(new Layout("timestamptz_ns", "hour", PartitionSpec.Builder::hour));
        return layouts.stream();
    }

    @ParameterizedTest
    @MethodSource("layouts")
    void skipsNothingThatMatches(Layout layout) {
        Random random = new Random(layout.toString().hashCode());
        Type type = Types.fromPrimitiveString(layout.type());
        Schema schema = new Schema(
                NestedField.optional(1, "key", type),
                NestedField.optional(2, "ts", Types.TimestampType.withZone()),
                NestedField.optional(3, "value", Types.IntegerType.get()));
        PartitionSpec spec = layout.by()
                .apply(PartitionSpec.builderFor(schema), "key")
                .day("ts")
                .build();
        FeatureTable table = FeatureTable.create(folder, schema, spec, 3);
        List<String> written = new ArrayList<>();
        append(table, type, random, written);
        table.table
                .updateSpec()
                .addField(Expressions.year("ts"))
                .removeField("ts_day")
                .commit();
        append(table, type, random, written);
        written.sort(null);

        PinnedTable head = table.head();
        assertThat(ScannedRows.all(head, Scan.COLUMNS)).isEqualTo(written);
        Scan all = Scan.of(head, ScanBounds.NONE, layout);
        for (int round = 0; round < 6; round++) {
            Column wanted = all.someKeys(random);
            long from = instant(random).toEpochSecond(ZoneOffset.UTC) * 1_000_000;
            long to = from + random.nextInt(8) * 86_400_000_000L;
            ScanBounds bounds = ScanBounds.of(List.of(wanted), List.of(all.order), from, to);
            assertThat(Scan.of(head, bounds, layout).matching(wanted, from, to))
                    .as("%s, round %d", layout, round)
                    .isEqualTo(all.matching(wanted, from, to));
        }
    }

    /// Enough keys that a range is used; `truncate` wraps the smallest of them around to the other end.
    @ParameterizedTest
    @ValueSource(strings = {"int", "long"})
    void aRangeFromTheMinimumHoldsUnderTruncate(String numbers) {
        Type type = Types.fromPrimitiveString(numbers);
        Schema schema = new Schema(
                NestedField.optional(1, "key", type), NestedField.optional(2, "ts", Types.TimestampType.withZone()));
        FeatureTable table = FeatureTable.create(
                folder,
                schema,
                PartitionSpec.builderFor(schema).truncate("key", 10).build(),
                2);
        long least = type.typeId() == Type.TypeID.INTEGER ? Integer.MIN_VALUE : Long.MIN_VALUE;
        List<Record> rows = new ArrayList<>();
        long[] keys = new long[301];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = i == 0 ? least : i;
            Object key = type.typeId() == Type.TypeID.INTEGER ? (Object) (int) keys[i] : (Object) keys[i];
            rows.add(table.row("key", key, "ts", instant(new Random(i)).atOffset(ZoneOffset.UTC)));
        }
        table.append(rows);

        ScanBounds bounds =
                ScanBounds.of(List.of(LongColumn.of(keys)), List.of(KeyOrder.LONG), Long.MIN_VALUE, Long.MAX_VALUE);
        assertThat(new ScannedRows(table.head(), Scan.COLUMNS, bounds, new ScanSettings(1, 64)).rows)
                .hasSize(keys.length);
    }

    /// An unlimited TTL, or a time in the far future: Iceberg counts hours in an int.
    @ParameterizedTest
    @CsvSource({"-9221000000000000000, 9221000000000000000", "-8000000000000000000, 0", "-1, 8000000000000000000"})
    void timesThatOverflowHoursRuleNothingOut(long from, long to) {
        Schema schema = new Schema(
                NestedField.optional(1, "key", Types.LongType.get()),
                NestedField.optional(2, "ts", Types.TimestampType.withZone()));
        FeatureTable table = FeatureTable.create(
                folder, schema, PartitionSpec.builderFor(schema).hour("ts").build(), 2);
        table.append(List.of(table.row("key", 1L, "ts", OffsetDateTime.parse("1970-01-01T00:00:00Z"))));

        assertThat(new ScannedRows(table.head(), Scan.COLUMNS, ScanBounds.ofTimes(from, to), new ScanSettings(1, 64))
                        .rows)
                .hasSize(1);
    }

    /// Iceberg's generic reader cannot serve as the oracle: it returns identity partitions by nanoseconds as
    /// numbers.
    private static void append(FeatureTable table, Type type, Random random, List<String> written) {
        List<Record> rows = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            Object key = random.nextInt(15) == 0 ? null : key(type, random.nextInt(KEYS));
            Record row = table.row("key", key, "ts", instant(random).atOffset(ZoneOffset.UTC), "value", i);
            rows.add(row);
            written.add(Stream.of("key", "ts", "value")
                    .map(name -> FeatureTable.text(row.getField(name)))
                    .toList()
                    .toString());
        }
        table.append(rows);
    }

    private static Column expanded(Column keys) {
        return keys instanceof DictionaryColumn strings ? strings.expanded() : keys;
    }

    /// Keys on both sides of zero, 1970 and the highest bit.
    private static Object key(Type type, int number) {
        return switch (type) {
            case Types.UUIDType _ -> new UUID((long) number << 60 | number, number);
            case Types.BinaryType _ -> ByteBuffer.wrap(new byte[] {(byte) (number * 11), (byte) number, 1, 2});
            default -> FeatureTable.random(type, new Random(number));
        };
    }

    private static LocalDateTime instant(Random random) {
        return LocalDateTime.of(1969, 12, 1, 0, 0)
                .plusDays(25 + random.nextInt(12))
                .plusNanos(random.nextInt(1_000_000) * 1_000L);
    }

    /// What a scan returns: keys in the engine's form, and times.
    private static final class Scan {
        static final FeatureColumns COLUMNS = new FeatureColumns(List.of(1), 2, null, null);

        private final KeyOrder order;
        private final List<Column> keys = new ArrayList<>();
        private final List<Long> times = new ArrayList<>();

        private Scan(KeyOrder order) {
            this.order = order;
        }

        static Scan of(PinnedTable table, ScanBounds bounds, Layout layout) {
            Scan scan = new Scan(KeyTypes.orderOf(Types.fromPrimitiveString(layout.type())));
            ScanPlan plan = new ScanPlanner().plan(table, COLUMNS, bounds);
            new TableScan(table, plan, new ScanSettings(1, 64))
                    .stream(
                            COLUMNS,
                            () -> batch -> {
                                for (int i = 0; i < batch.size(); i++) {
                                    scan.keys.add(
                                            expanded(batch.keys().getFirst()).take(new int[] {i}));
                                    scan.times.add(batch.timestamps()[i]);
                                }
                            },
                            () -> false,
                            ProgressSink.NONE);
            return scan;
        }

        /// One to four distinct keys, sorted.
        Column someKeys(Random random) {
            List<Column> some = new ArrayList<>();
            while (some.size() < 1 + random.nextInt(4)) {
                Column key = keys.get(random.nextInt(keys.size()));
                if (!key.isNull(0)) {
                    some.add(key);
                }
            }
            some.sort((a, b) -> order.compare(a, 0, b, 0));
            List<Column> distinct = new ArrayList<>();
            for (Column key : some) {
                if (distinct.isEmpty() || order.compare(distinct.getLast(), 0, key, 0) < 0) {
                    distinct.add(key);
                }
            }
            return dev.firn.lake.parquet.ColumnParts.concatenated(distinct);
        }

        List<String> matching(Column wanted, long from, long to) {
            List<String> rows = new ArrayList<>();
            for (int i = 0; i < keys.size(); i++) {
                for (int w = 0; w < wanted.size() && !keys.get(i).isNull(0); w++) {
                    if (order.compare(wanted, w, keys.get(i), 0) == 0 && times.get(i) >= from && times.get(i) <= to) {
                        rows.add(w + "@" + times.get(i));
                    }
                }
            }
            rows.sort(null);
            return rows;
        }
    }
}
