package dev.firn.lake.scan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.engine.KeyOrder;
import dev.firn.engine.LongColumn;
import dev.firn.engine.Nulls;
import dev.firn.engine.PointInTimeJoin;
import dev.firn.engine.RowAddress;
import dev.firn.engine.SpineIndex;
import dev.firn.engine.TimeConversion;
import dev.firn.engine.TimeScale;
import dev.firn.engine.Winners;
import dev.firn.lake.catalog.PinnedTable;
import dev.firn.testkit.Trino;
import dev.firn.testkit.oracle.BruteForceJoin;
import dev.firn.testkit.oracle.BruteForceJoin.Created;
import dev.firn.testkit.oracle.FeatureRow;
import dev.firn.testkit.oracle.Match;
import dev.firn.testkit.oracle.SpineRow;
import java.math.BigInteger;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// Compares the join of a random spine and a table with a brute-force join over the rows that Trino returns. The key is
/// an integer, the timestamp has microseconds and a zone.
final class BruteForceCheck {
    private static final int SPINE_ROWS = 40;
    private static final long HOUR_MICROS = 3_600_000_000L;
    private static final BigInteger NANOS_PER_MICRO = BigInteger.valueOf(1_000);

    private BruteForceCheck() {}

    static void joins(
            PinnedTable table, FeatureColumns columns, Trino trino, String source, Random random, String what) {
        List<FeatureRow> features = features(table, columns, trino, source);
        long[] times = times(features, random);
        long[] keys = random.longs(SPINE_ROWS, -12, 52).toArray();
        long ttlMicros = random.nextBoolean() ? 0 : random.nextInt(100) * HOUR_MICROS;

        List<SpineRow> spine = new ArrayList<>();
        for (int i = 0; i < SPINE_ROWS; i++) {
            spine.add(SpineRow.of(keys[i], nanos(times[i])));
        }
        List<Match> matches = new BruteForceJoin(ttlMicros, 0, Created.BREAKS_TIES).join(spine, features);
        List<String> expected = matches.stream()
                .map(match -> match.isFound()
                        ? features.get(match.featureRow()).timestampNanos() + (match.ambiguous() ? " of several" : "")
                        : "none")
                .toList();

        assertThat(joined(table, columns, keys, times, ttlMicros)).as(what).isEqualTo(expected);
    }

    /// The time of a row, a microsecond before it, or some hours after it.
    private static long[] times(List<FeatureRow> features, Random random) {
        List<Long> micros = new ArrayList<>(List.of(0L));
        for (FeatureRow feature : features) {
            if (feature.timestampNanos() != null) {
                micros.add(feature.timestampNanos().divide(NANOS_PER_MICRO).longValueExact());
            }
        }
        long[] times = new long[SPINE_ROWS];
        for (int i = 0; i < SPINE_ROWS; i++) {
            times[i] = micros.get(random.nextInt(micros.size()))
                    + (random.nextBoolean() ? random.nextInt(50) * HOUR_MICROS : -random.nextInt(2));
        }
        return times;
    }

    private static List<String> joined(
            PinnedTable table, FeatureColumns columns, long[] keys, long[] times, long ttlMicros) {
        SpineIndex index = SpineIndex.of(
                List.of(LongColumn.of(keys)),
                TimeConversion.bounds(times, TimeScale.MICROS, Nulls.NONE, TimeScale.MICROS, null, ttlMicros, 0));
        PointInTimeJoin join = new PointInTimeJoin(index);
        ScanPlan plan = new ScanPlanner().plan(table, columns, ScanBounds.of(index, List.of(KeyOrder.LONG)));
        new TableScan(table, plan, new ScanSettings(2, 97))
                .stream(columns, () -> join.probe()::accept, () -> false, ProgressSink.NONE);
        Winners winners = join.finish();
        List<String> rows = new ArrayList<>();
        for (int i = 0; i < winners.size(); i++) {
            rows.add(
                    winners.address(i) == RowAddress.NONE
                            ? "none"
                            : nanos(winners.timestamp(i)) + (winners.isAmbiguous(i) ? " of several" : ""));
        }
        return rows;
    }

    private static List<FeatureRow> features(PinnedTable table, FeatureColumns columns, Trino trino, String source) {
        String key = table.schema().findColumnName(columns.keyFieldIds().getFirst());
        String timestamp = table.schema().findColumnName(columns.timestampFieldId());
        List<FeatureRow> features = new ArrayList<>();
        for (List<Object> row :
                trino.query("SELECT \"%s\", to_iso8601(\"%s\") FROM %s".formatted(key, timestamp, source))) {
            Object time = row.get(1);
            features.add(FeatureRow.of(
                    row.get(0),
                    time == null
                            ? null
                            : BruteForceJoin.nanos(
                                    OffsetDateTime.parse((String) time).toInstant()),
                    null,
                    features.size(),
                    null));
        }
        return features;
    }

    private static BigInteger nanos(long micros) {
        return BigInteger.valueOf(micros).multiply(NANOS_PER_MICRO);
    }
}
