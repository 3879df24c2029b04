package dev.firn.lake.scan;

import dev.firn.embedded.StackAddresses;
import dev.firn.engine.BytesColumn;
import dev.firn.engine.Column;
import dev.firn.engine.LongColumn;
import dev.firn.lake.Access;
import dev.firn.lake.TableName;
import dev.firn.lake.catalog.Catalogs;
import dev.firn.lake.catalog.LakeTable;
import dev.firn.lake.catalog.PinnedTable;
import dev.firn.lake.catalog.SnapshotChoice;
import dev.firn.testkit.TestStack;
import dev.firn.testkit.Trino;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.CatalogUtil;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.catalog.Catalog;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Rules 11, 13 and 14 of docs/semantics.md: after each step of a random history written by Trino or Iceberg, Firn,
/// Trino and Iceberg's generic reader return the same rows, skipping drops nothing that could match, and a join equals
/// the brute-force join over Trino's rows. `-Dfirn.seeds` sets the number of histories of each kind, `-Dfirn.steps`
/// their length.
final class TrinoHistoryIT {
    private static final StackAddresses STACK = TestStack.shared().addresses();
    private static final Trino TRINO = TestStack.shared().trino();
    private static final Catalogs CATALOGS = Catalogs.of(
            Map.of(StackAddresses.CATALOG, STACK.icebergCatalogProperties()),
            STACK.icebergCatalogProperties(),
            new Access(Set.of(StackAddresses.CATALOG), Set.of(), List.of("s3://lake/spines"), "s3://lake/results"));
    private static final Catalog WRITER = CatalogUtil.buildIcebergCatalog(
            StackAddresses.CATALOG, STACK.icebergCatalogProperties(), new Configuration());
    private static final int STEPS = Integer.getInteger("firn.steps", 5);
    private static final long HOUR_MICROS = 3_600_000_000L;
    private static final long MARCH_MICROS = 1_709_251_200_000_000L;
    private static String schema = "";

    @BeforeAll
    static void newSchema() {
        schema = TRINO.newSchema();
    }

    @AfterAll
    static void close() {
        CATALOGS.close();
    }

    static IntStream seeds() {
        return IntStream.range(0, Integer.getInteger("firn.seeds", 2));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void rule13EachStepOfTrinoIsReadAsTrinoAndIcebergReadIt(int seed) {
        Random random = new Random(seed);
        TableName name = new TableName(StackAddresses.CATALOG, schema, "history_" + seed);
        TrinoHistory history = new TrinoHistory(TRINO, name, random);
        history.create(seed % 2 == 0 ? 3 : 2);
        history.insert(CATALOGS.load(name).schema());
        for (int step = 0; step < STEPS; step++) {
            history.step(CATALOGS.load(name));
            LakeTable table = CATALOGS.load(name);
            String what = "seed %d after%n%s".formatted(seed, String.join(";\n", history.steps));
            PinnedTable head = CATALOGS.open(table, table.pin(SnapshotChoice.head()));
            ThreeReaders.agree(head, columns(TrinoHistory.ID), TRINO, name.toString(), what);
            skipsNothingThatMatches(head, random, what);
            BruteForceCheck.joins(head, columns(TrinoHistory.ID), TRINO, name.toString(), random, what);
        }
        anEarlierSnapshotIsReadAsItWas(CATALOGS.load(name), name, random, "seed " + seed + " after " + history.steps);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void rule13EachStepOfIcebergsWritersIsReadAsTrinoAndIcebergReadIt(int seed) {
        Random random = new Random(seed);
        TableName name = new TableName(StackAddresses.CATALOG, schema, "java_history_" + seed);
        FeatureTable written = FeatureTable.create(
                WRITER, name, JavaHistory.SCHEMA, JavaHistory.spec(seed + 1), seed % 2 == 0 ? 3 : 2);
        JavaHistory history = JavaHistory.withoutNestedDeletes(written, random);
        for (int step = 0; step < STEPS; step++) {
            history.step();
            LakeTable table = CATALOGS.load(name);
            String what = "seed %d after%n%s".formatted(seed, String.join(";\n", history.steps));
            PinnedTable head = CATALOGS.open(table, table.pin(SnapshotChoice.head()));
            ThreeReaders.agree(head, columns(1), TRINO, name.toString(), what);
            BruteForceCheck.joins(head, columns(1), TRINO, name.toString(), random, what);
        }
        anEarlierSnapshotIsReadAsItWas(CATALOGS.load(name), name, random, "seed " + seed + " after " + history.steps);
    }

    private static void anEarlierSnapshotIsReadAsItWas(LakeTable table, TableName name, Random random, String what) {
        List<Snapshot> snapshots = new ArrayList<>();
        table.iceberg().snapshots().forEach(snapshots::add);
        long id = snapshots.get(random.nextInt(snapshots.size())).snapshotId();
        PinnedTable pinned = CATALOGS.open(table, table.pin(new SnapshotChoice.ById(id)));
        ThreeReaders.agree(
                pinned, columns(TrinoHistory.ID), TRINO, name + " FOR VERSION AS OF " + id, what + ", snapshot " + id);
    }

    private static FeatureColumns columns(int key) {
        return new FeatureColumns(List.of(key), TrinoHistory.TS, null, null);
    }

    private static void skipsNothingThatMatches(PinnedTable head, Random random, String what) {
        int key =
                List.of(TrinoHistory.ID, TrinoHistory.REGION, TrinoHistory.UID).get(random.nextInt(3));
        Column keys =
                switch (key) {
                    case TrinoHistory.ID ->
                        LongColumn.of(random.longs(-12, 52)
                                .limit(1 + random.nextInt(5))
                                .distinct()
                                .sorted()
                                .toArray());
                    case TrinoHistory.REGION -> strings(random);
                    default -> uuids(random);
                };
        long from = MARCH_MICROS + random.nextInt(100) * HOUR_MICROS;
        long to = from + random.nextInt(100) * HOUR_MICROS;
        ScanBounds bounds = ScanBounds.of(
                List.of(keys),
                List.of(KeyTypes.orderOf(head.schema().findType(key))),
                random.nextInt(4) == 0 ? Long.MIN_VALUE : from,
                to);
        Skipping.leavesOutNothing(head, columns(key), bounds, "key %d of %s".formatted(key, what));
    }

    private static Column strings(Random random) {
        BytesColumn.Builder keys = new BytesColumn.Builder(2);
        keys.append("к" + random.nextInt(3));
        keys.append("к" + (3 + random.nextInt(5)));
        return keys.build();
    }

    /// With different highest bits, to test unsigned order.
    private static Column uuids(Random random) {
        BytesColumn.Builder keys = new BytesColumn.Builder(2);
        for (String first : List.of(random.nextBoolean() ? "10" : "50", "f0")) {
            UUID uuid = UUID.fromString(first + "000000-0000-4000-8000-00000000000" + random.nextInt(6));
            keys.append(ByteBuffer.allocate(16)
                    .putLong(uuid.getMostSignificantBits())
                    .putLong(uuid.getLeastSignificantBits())
                    .array());
        }
        return keys.build();
    }
}
