package dev.firn.engine;

import dev.firn.testkit.oracle.BruteForceJoin;
import dev.firn.testkit.oracle.BruteForceJoin.Created;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// A join in memory, as rows. The engine can run it, and the oracle can decide it.
record Scenario(
        List<KeyOrder> keys,
        TimeScale spineScale,
        TimeScale featureScale,
        @Nullable TimeScale createdScale,
        boolean filtersCreated,
        long ttlMicros,
        long availableAfterMicros,
        List<SpineRow> spine,
        List<FeatureRow> features) {

    /// Key values are longs, strings or null.
    record SpineRow(List<@Nullable Object> key, @Nullable Long time) {}

    record FeatureRow(
            List<@Nullable Object> key,
            @Nullable Long time,
            @Nullable Long created,
            long address) {}

    record Decision(long address, boolean ambiguous) {}

    static final Decision NO_WINNER = new Decision(RowAddress.NONE, false);

    TimeBounds bounds() {
        LongColumn times = longs(spine.stream().map(SpineRow::time).toList());
        long[] exact = Arrays.copyOf(times.values(), times.size());
        return TimeConversion.bounds(
                exact,
                spineScale,
                times.nulls(),
                featureScale,
                filtersCreated ? createdScale : null,
                ttlMicros,
                availableAfterMicros);
    }

    SpineIndex index() {
        return SpineIndex.of(keyColumns(spine.stream().map(SpineRow::key).toList()), bounds());
    }

    /// The feature rows in random order, in batches of random sizes.
    List<FeatureBatch> batches(Random random, int largest) {
        List<FeatureRow> shuffled = new ArrayList<>(features);
        Collections.shuffle(shuffled, random);
        List<FeatureBatch> batches = new ArrayList<>();
        for (int from = 0; from < shuffled.size(); ) {
            int to = Math.min(shuffled.size(), from + 1 + random.nextInt(largest));
            batches.add(batch(shuffled.subList(from, to)));
            from = to;
        }
        return batches;
    }

    FeatureBatch batch(List<FeatureRow> rows) {
        LongColumn times = longs(rows.stream().map(FeatureRow::time).toList());
        LongColumn created = longs(rows.stream().map(FeatureRow::created).toList());
        return new FeatureBatch(
                rows.size(),
                keyColumns(rows.stream().map(FeatureRow::key).toList()),
                times.values(),
                times.nulls(),
                createdScale == null ? null : created.values(),
                created.nulls(),
                rows.stream().mapToLong(FeatureRow::address).toArray());
    }

    Winners join() {
        return join(List.of(batch(features)), 1);
    }

    /// Deals the batches out to `threads` threads, each with its own probe.
    Winners join(List<FeatureBatch> batches, int threads) {
        PointInTimeJoin join = new PointInTimeJoin(index());
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            List<Future<?>> done = new ArrayList<>();
            for (int thread = 0; thread < threads; thread++) {
                int first = thread;
                done.add(pool.submit(() -> {
                    PointInTimeJoin.Probe probe = join.probe();
                    for (int i = first; i < batches.size(); i += threads) {
                        probe.accept(batches.get(i));
                    }
                }));
            }
            for (Future<?> each : done) {
                each.get();
            }
        } catch (ExecutionException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return join.finish();
    }

    static List<Decision> decisions(Winners winners) {
        return IntStream.range(0, winners.size())
                .mapToObj(row -> new Decision(winners.address(row), winners.isAmbiguous(row)))
                .toList();
    }

    /// What the oracle decides. It uses no index, no bounds and no 64-bit arithmetic.
    List<Decision> oracleDecisions() {
        List<dev.firn.testkit.oracle.SpineRow> rows = spine.stream()
                .map(row -> new dev.firn.testkit.oracle.SpineRow(row.key(), nanosOrNull(row.time(), spineScale)))
                .toList();
        List<dev.firn.testkit.oracle.FeatureRow> table = features.stream()
                .map(row -> new dev.firn.testkit.oracle.FeatureRow(
                        row.key(),
                        nanosOrNull(row.time(), featureScale),
                        createdScale == null ? null : nanosOrNull(row.created(), createdScale),
                        row.address(),
                        List.of()))
                .toList();
        BruteForceJoin.Created created = filtersCreated ? Created.FILTERS : Created.BREAKS_TIES;
        return new BruteForceJoin(ttlMicros, availableAfterMicros, created)
                .join(rows, table).stream()
                        .map(match -> match.isFound()
                                ? new Decision(features.get(match.featureRow()).address(), match.ambiguous())
                                : NO_WINNER)
                        .toList();
    }

    private static @Nullable BigInteger nanosOrNull(@Nullable Long instant, TimeScale scale) {
        return instant == null ? null : nanos(instant, scale);
    }

    static BigInteger nanos(long instant, TimeScale scale) {
        long perUnit =
                switch (scale) {
                    case DAYS -> 24L * 60 * 60 * 1_000_000_000;
                    case MICROS -> 1_000;
                    case NANOS -> 1;
                };
        return BigInteger.valueOf(instant).multiply(BigInteger.valueOf(perUnit));
    }

    private List<Column> keyColumns(List<? extends List<@Nullable Object>> rows) {
        List<Column> columns = new ArrayList<>();
        for (int c = 0; c < keys.size(); c++) {
            int column = c;
            List<@Nullable Object> values = new ArrayList<>();
            rows.forEach(row -> values.add(row.get(column)));
            columns.add(keys.get(c) == KeyOrder.LONG ? longs(values) : strings(values));
        }
        return columns;
    }

    private static LongColumn longs(List<? extends @Nullable Object> values) {
        LongColumn.Builder builder = new LongColumn.Builder(values.size());
        for (Object value : values) {
            if (value == null) {
                builder.appendNull();
            } else {
                builder.append((Long) value);
            }
        }
        return builder.build();
    }

    private static BytesColumn strings(List<? extends @Nullable Object> values) {
        BytesColumn.Builder builder = new BytesColumn.Builder(values.size());
        for (Object value : values) {
            if (value == null) {
                builder.appendNull();
            } else {
                builder.append(((String) value).getBytes(StandardCharsets.UTF_8));
            }
        }
        return builder.build();
    }
}
