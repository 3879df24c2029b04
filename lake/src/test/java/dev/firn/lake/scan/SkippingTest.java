package dev.firn.lake.scan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.engine.BytesColumn;
import dev.firn.engine.Column;
import dev.firn.engine.KeyOrder;
import dev.firn.engine.LongColumn;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Rule 14: what is skipped for which reason, and that probes use the file's physical type.
final class SkippingTest {
    private static final FeatureColumns COLUMNS = new FeatureColumns(List.of(1), 2, null, null);
    private static final OffsetDateTime NOON = OffsetDateTime.parse("2024-03-01T12:00:00Z");
    private static final String[] NO_DICTIONARY = {"write.parquet.dict-size-bytes", "8"};
    private static final String[] BLOOM = {
        "write.parquet.bloom-filter-enabled.column.id", "true", "write.parquet.dict-size-bytes", "8"
    };

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private FeatureTable table(Type key, String... properties) {
        return FeatureTable.create(
                folder,
                new Schema(
                        NestedField.optional(1, "id", key),
                        NestedField.optional(2, "ts", Types.TimestampType.withZone())),
                PartitionSpec.unpartitioned(),
                2,
                properties);
    }

    private static void append(FeatureTable table, Object... ids) {
        List<Record> rows = new ArrayList<>();
        for (int i = 0; i < ids.length; i++) {
            rows.add(table.row("id", ids[i], "ts", NOON.plusSeconds(i)));
        }
        table.append(rows);
    }

    private static ScannedRows scan(FeatureTable table, KeyOrder order, Column wanted) {
        return new ScannedRows(
                table.head(),
                COLUMNS,
                ScanBounds.of(List.of(wanted), List.of(order), Long.MIN_VALUE, Long.MAX_VALUE),
                ScanSettings.DEFAULTS);
    }

    private static ScannedRows scan(FeatureTable table, long... wanted) {
        return scan(table, KeyOrder.LONG, LongColumn.of(wanted));
    }

    private static long[] longs(List<String> rows) {
        return rows.stream()
                .mapToLong(row -> Long.parseLong(row.substring(1, row.indexOf(','))))
                .toArray();
    }

    private static Object[] evens(int count) {
        return LongStream.range(0, count).mapToObj(i -> 2 * i).toArray();
    }

    @Test
    void rule14ReadsOnlyThePagesWhoseBoundsHoldAKey() {
        FeatureTable table = table(Types.LongType.get(), NO_DICTIONARY);
        append(table, evens(1_000));

        ScannedRows rows = scan(table, 400, 402, 1_200);

        assertThat(longs(rows.rows)).contains(400, 402, 1_200);
        ScanCounts counts = rows.plan.counts();
        assertThat(counts.skipped(SkipReason.PAGE_INDEX).pages()).isPositive();
        assertThat(counts.skipped(SkipReason.PAGE_INDEX).bytes()).isPositive();
        assertThat(counts.rowsScanned()).isEqualTo(100);
    }

    @Test
    void rule14ReadsOnlyThePagesWhoseBoundsHoldATime() {
        FeatureTable table = table(Types.LongType.get(), NO_DICTIONARY);
        append(table, evens(1_000));
        long second = NOON.toEpochSecond() + 320;

        ScannedRows rows = new ScannedRows(
                table.head(),
                COLUMNS,
                ScanBounds.ofTimes(second * 1_000_000, second * 1_000_000 + 1),
                ScanSettings.DEFAULTS);

        assertThat(longs(rows.rows)).contains(640).hasSize(50);
        assertThat(rows.plan.counts().rowsScanned()).isEqualTo(50);
    }

    @Test
    void rule14SkipsARowGroupWhoseDictionaryHoldsNoKey() {
        FeatureTable table = table(Types.StringType.get());
        append(
                table,
                IntStream.range(0, 300)
                        .mapToObj(i -> i % 2 == 0 ? "airport-a" : "airport-c")
                        .toArray());

        ScannedRows without = scan(table, KeyOrder.UNSIGNED_BYTES, BytesColumn.ofStrings("airport-b"));
        ScannedRows with = scan(table, KeyOrder.UNSIGNED_BYTES, BytesColumn.ofStrings("airport-b", "airport-c"));

        assertThat(without.rows).isEmpty();
        assertThat(without.plan.counts().skipped(SkipReason.DICTIONARY).rowGroups())
                .isPositive();
        assertThat(with.rows).hasSize(300);
    }

    @Test
    void rule14DoesNotTrustADictionaryThatNotAllPagesUse() {
        FeatureTable table = table(Types.LongType.get(), "write.parquet.dict-size-bytes", "400");
        append(table, evens(1_000));

        ScannedRows rows = scan(table, 1_500);

        assertThat(longs(rows.rows)).contains(1_500);
        assertThat(rows.plan.counts().skipped(SkipReason.DICTIONARY)).isEqualTo(Skipped.NOTHING);
    }

    @Test
    void rule14SkipsARowGroupWhoseBloomFilterExcludesAllKeys() {
        FeatureTable table = table(Types.LongType.get(), BLOOM);
        append(table, evens(1_000));

        ScannedRows without = scan(table, 401);
        ScannedRows with = scan(table, 401, 402);

        assertThat(without.rows).isEmpty();
        assertThat(without.plan.counts().skipped(SkipReason.BLOOM_FILTER).rowGroups())
                .isPositive();
        assertThat(longs(with.rows)).contains(402);
    }

    @Test
    void rule14AsksTheBloomFilterOfStringsByTheirBytes() {
        FeatureTable table = table(Types.StringType.get(), BLOOM);
        append(table, IntStream.range(0, 500).mapToObj(i -> "ключ-" + 2 * i).toArray());

        ScannedRows without = scan(table, KeyOrder.UNSIGNED_BYTES, BytesColumn.ofStrings("ключ-401"));
        ScannedRows with = scan(table, KeyOrder.UNSIGNED_BYTES, BytesColumn.ofStrings("ключ-402"));

        assertThat(without.rows).isEmpty();
        assertThat(without.plan.counts().skipped(SkipReason.BLOOM_FILTER).rowGroups())
                .isPositive();
        assertThat(with.rows).anyMatch(row -> row.startsWith("[ключ-402,"));
    }

    @Test
    void rule14AsksForAPromotedColumnAsTheIntThatTheFileHas() {
        FeatureTable table = table(Types.IntegerType.get(), BLOOM);
        append(table, IntStream.range(-500, 500).mapToObj(i -> 2 * i).toArray());
        table.table.updateSchema().updateColumn("id", Types.LongType.get()).commit();

        assertThat(longs(scan(table, -402).rows)).contains(-402);
        assertThat(longs(scan(table, 402).rows)).contains(402);
        ScannedRows absent = scan(table, 401);
        assertThat(absent.rows).isEmpty();
        assertThat(absent.plan.counts().skipped(SkipReason.BLOOM_FILTER).rowGroups())
                .isPositive();
    }

    @Test
    void rule14TreatsAValueOutsideIntAsAbsent() {
        FeatureTable table = table(Types.IntegerType.get(), BLOOM);
        append(table, Integer.MIN_VALUE, 402, Integer.MAX_VALUE);
        table.table.updateSchema().updateColumn("id", Types.LongType.get()).commit();
        long asInt402 = 402 + (1L << 32);

        ScannedRows rows = scan(table, asInt402);

        assertThat(rows.rows).isEmpty();
    }

    @Test
    void asksNoBloomFilterForMoreKeysThanItHelpsWith() {
        FeatureTable table = table(Types.LongType.get(), BLOOM);
        append(table, evens(1_000));
        long[] odds = LongStream.rangeClosed(0, RowGroupFilter.MAX_BLOOM_PROBES * 2)
                .map(i -> 2 * i + 1)
                .toArray();

        assertThat(scan(table, odds).plan.counts().skipped(SkipReason.BLOOM_FILTER))
                .isEqualTo(Skipped.NOTHING);
    }
}
