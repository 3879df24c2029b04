package dev.firn.chaos.run;

import dev.firn.embedded.StackAddresses;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.ExpireSnapshots;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.parquet.GenericParquetWriter;
import org.apache.iceberg.io.DataWriter;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.apache.iceberg.parquet.Parquet;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Types;

/// Commits to a table of the stack by Iceberg's own library: many more in a second than Trino can.
final class TableCommits implements AutoCloseable {
    private static final Instant FIRST_TIME = Instant.parse("2026-01-02T00:00:00Z");
    private static final int COMPACTED = 4;
    static final int KEYS_OF_MISSING = 1_000_000;
    private static final int FILES_PER_COMMIT = 100_000;

    private final JdbcCatalog catalog = new JdbcCatalog();
    private final Table table;
    private final SplittableRandom random;
    private final Deque<DataFile> appended = new ArrayDeque<>();
    /// The number of each commit, by its snapshot.
    private final Map<Long, Integer> numbers = new HashMap<>();

    private int lastContent;

    /// @param table whose columns are `id bigint, event timestamp with time zone, value integer`
    TableCommits(StackAddresses stack, String schema, String table, SplittableRandom random) {
        this.random = random;
        catalog.setConf(new Configuration());
        catalog.initialize(StackAddresses.CATALOG, stack.icebergCatalogProperties());
        this.table = catalog.loadTable(TableIdentifier.of(schema, table));
        this.table
                .updateProperties()
                .set("write.metadata.delete-after-commit.enabled", "true")
                .set("write.metadata.previous-versions-max", "20")
                .commit();
    }

    /// A random commit: mostly rows that come, sometimes rows that go, sometimes a compaction.
    void commit(int keys) {
        int kind = random.nextInt(10);
        if (kind == 0 && !appended.isEmpty()) {
            table.newDelete().deleteFile(appended.removeFirst()).commit();
            committed(true);
        } else if (kind == 1 && appended.size() >= COMPACTED) {
            compact();
        } else {
            append(keys, 100);
        }
    }

    /// Rows of random keys, each later than all rows of those keys before.
    ///
    /// @return the snapshot
    long append(int keys, int rows) {
        List<Record> records = new ArrayList<>();
        for (int i = 0; i < rows; i++) {
            records.add(record(1 + random.nextInt(keys), i));
        }
        DataFile file = write(records);
        table.newFastAppend().appendFile(file).commit();
        appended.add(file);
        return committed(true);
    }

    /// Adds files that nobody wrote. Each has some of the keys from `firstKey` and one time, [#timeOfMissing].
    void appendMissing(long firstKey, int files) {
        for (int from = 0; from < files; from += FILES_PER_COMMIT) {
            AppendFiles append = table.newFastAppend();
            for (int i = from; i < Math.min(files, from + FILES_PER_COMMIT); i++) {
                append.appendFile(missing(i, firstKey, firstKey + KEYS_OF_MISSING));
            }
            append.commit();
        }
    }

    /// The files before this one have earlier times, a second apart.
    static Instant timeOfMissing(int number) {
        return FIRST_TIME.plusSeconds(number);
    }

    private DataFile missing(int number, long firstKey, long lastKey) {
        int id = table.schema().findField("id").fieldId();
        int event = table.schema().findField("event").fieldId();
        ByteBuffer time = Conversions.toByteBuffer(
                Types.TimestampType.withZone(), timeOfMissing(number).getEpochSecond() * 1_000_000);
        return DataFiles.builder(table.spec())
                .withPath(table.locationProvider().newDataLocation("missing-" + number + ".parquet"))
                .withFormat(FileFormat.PARQUET)
                .withFileSizeInBytes(1_000)
                .withMetrics(new Metrics(
                        100L,
                        null,
                        null,
                        null,
                        null,
                        Map.of(id, Conversions.toByteBuffer(Types.LongType.get(), firstKey), event, time),
                        Map.of(id, Conversions.toByteBuffer(Types.LongType.get(), lastKey), event, time)))
                .build();
    }

    /// Writes the rows of the oldest appended files into one.
    private void compact() {
        var rewrite =
                table.newRewrite().validateFromSnapshot(table.currentSnapshot().snapshotId());
        List<Record> records = new ArrayList<>();
        for (int i = 0; i < COMPACTED; i++) {
            DataFile file = appended.removeFirst();
            rewrite.deleteFile(file);
            records.addAll(read(file));
        }
        DataFile merged = write(records);
        rewrite.addFile(merged).commit();
        appended.addFirst(merged);
        committed(false);
    }

    private long committed(boolean changesContent) {
        int number = numbers.size() + 1;
        long snapshot = table.currentSnapshot().snapshotId();
        numbers.put(snapshot, number);
        if (changesContent) {
            lastContent = number;
        }
        return snapshot;
    }

    private Record record(long id, int number) {
        Record record = GenericRecord.create(table.schema());
        record.setField("id", id);
        record.setField(
                "event", FIRST_TIME.plusMillis(1000L * numbers.size() + number).atOffset(ZoneOffset.UTC));
        record.setField("value", random.nextInt());
        return record;
    }

    private DataFile write(List<Record> records) {
        try {
            DataWriter<Record> data = Parquet.writeData(table.io()
                            .newOutputFile(table.locationProvider().newDataLocation(UUID.randomUUID() + ".parquet")))
                    .schema(table.schema())
                    .createWriterFunc(GenericParquetWriter::create)
                    .withSpec(PartitionSpec.unpartitioned())
                    .build();
            try (data) {
                records.forEach(data::write);
            }
            return data.toDataFile();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<Record> read(DataFile file) {
        try (var rows = Parquet.read(table.io().newInputFile(file))
                .project(table.schema())
                .createReaderFunc(
                        type -> org.apache.iceberg.data.parquet.GenericParquetReaders.buildReader(table.schema(), type))
                .<Record>build()) {
            List<Record> records = new ArrayList<>();
            rows.forEach(row -> records.add(row.copy()));
            return records;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Forgets all snapshots but the latest ones. Their data files stay.
    void expireAllBut(int snapshots) {
        table.expireSnapshots()
                .expireOlderThan(System.currentTimeMillis())
                .retainLast(snapshots)
                .cleanupLevel(ExpireSnapshots.CleanupLevel.METADATA_ONLY)
                .commit();
    }

    /// Commits so far, those included that changed no content.
    int count() {
        return numbers.size();
    }

    /// Whether somebody who was pinned to these snapshots has read every commit that changed content. Each snapshot
    /// descends from all before it.
    boolean areRead(Collection<Long> pinned) {
        return pinned.stream().mapToInt(id -> numbers.getOrDefault(id, 0)).max().orElse(0) >= lastContent;
    }

    @Override
    public void close() {
        catalog.close();
    }
}
