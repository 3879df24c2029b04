package dev.firn.retrieval.job;

import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import dev.firn.testkit.oracle.BruteForceJoin;
import dev.firn.testkit.oracle.FeatureRow;
import dev.firn.testkit.oracle.SpineRow;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.PartitionKey;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.InternalRecordWrapper;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/// A random table and spine: one or more keys of any type, spread evenly or skewed; sorted or unsorted files with small
/// pages, Bloom filters and partitions; every kind of delete; nulls, ties, duplicates, and the minimum and maximum of a
/// type. Keeps the table's rows for the oracle.
final class RandomShape {
    private static final Instant START = Instant.parse("2024-01-01T00:00:00Z");
    private static final List<String> KEY_TYPES =
            List.of("long", "int", "string", "string", "uuid", "decimal(12, 3)", "date", "boolean", "binary");
    private static final int SECONDS = 60 * 60 * 24 * 4;

    private final Random random;
    private final List<Type> keyTypes = new ArrayList<>();
    private final int distinct;
    private final boolean crowded;
    private final Table table;
    private final List<FeatureRow> features = new ArrayList<>();
    private final StringBuilder what = new StringBuilder();
    private boolean hasEqualityDeletes;

    RandomShape(LakeFixture lake, Random random) {
        this.random = random;
        int keys = random.nextInt(3) == 0 ? 2 + random.nextInt(2) : 1;
        List<NestedField> fields = new ArrayList<>();
        for (int k = 0; k < keys; k++) {
            keyTypes.add(Types.fromPrimitiveString(KEY_TYPES.get(random.nextInt(KEY_TYPES.size()))));
            fields.add(NestedField.optional(k + 1, "k" + k, keyTypes.get(k)));
        }
        fields.add(NestedField.optional(keys + 1, "event", Types.TimestampType.withZone()));
        fields.add(NestedField.optional(keys + 2, "created", Types.TimestampType.withZone()));
        fields.add(NestedField.optional(keys + 3, "value", Types.LongType.get()));
        fields.add(NestedField.optional(keys + 4, "text", Types.StringType.get()));
        Schema schema = new Schema(fields);
        distinct = 1 + random.nextInt(random.nextBoolean() ? 5 : 60);
        crowded = random.nextInt(3) == 0;
        int version = 2 + random.nextInt(2);
        PartitionSpec spec =
                switch (random.nextInt(4)) {
                    case 0 -> PartitionSpec.builderFor(schema).day("event").build();
                    case 1 ->
                        keyTypes.getFirst().typeId() == Type.TypeID.BOOLEAN
                                ? PartitionSpec.unpartitioned()
                                : PartitionSpec.builderFor(schema)
                                        .bucket("k0", 3)
                                        .build();
                    default -> PartitionSpec.unpartitioned();
                };
        table = lake.table("facts", schema, spec, properties(version, keys));
        what.append("keys ")
                .append(keyTypes)
                .append(", ")
                .append(spec)
                .append(", v")
                .append(version);
        int files = 1 + random.nextInt(table.spec().isUnpartitioned() ? 4 : 2);
        for (int f = 0; f < files; f++) {
            append(20 + random.nextInt(120), version);
        }
    }

    private Map<String, String> properties(int version, int keys) {
        Map<String, String> properties = new HashMap<>(Map.of(
                "format-version",
                Integer.toString(version),
                "write.parquet.page-row-limit",
                Integer.toString(5 + random.nextInt(30)),
                "write.parquet.row-group-size-bytes",
                random.nextBoolean() ? "1000000" : "2000",
                "write.parquet.row-group-check-min-record-count",
                "10"));
        if (random.nextBoolean()) {
            properties.put("write.parquet.dict-size-bytes", "64");
        }
        for (int k = 0; k < keys; k++) {
            if (random.nextBoolean()) {
                properties.put("write.parquet.bloom-filter-enabled.column.k" + k, "true");
            }
        }
        return properties;
    }

    Table table() {
        return table;
    }

    List<FeatureRow> features() {
        return features;
    }

    boolean hasEqualityDeletes() {
        return hasEqualityDeletes;
    }

    List<String> keyNames() {
        return table.schema().columns().stream()
                .map(NestedField::name)
                .filter(name -> name.startsWith("k"))
                .toList();
    }

    /// The value of an oracle's row.
    static String value(FeatureRow row) {
        return String.valueOf(row.values().getFirst());
    }

    @Override
    public String toString() {
        return what.toString();
    }

    private record Row(String text, FeatureRow feature) {}

    /// Commits one data file for each partition, so that sequence numbers decide ties between files and positions
    /// decide them within a file. Deletes some rows again.
    private void append(int count, int version) {
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            rows.add(row());
        }
        if (random.nextBoolean()) {
            rows.sort(java.util.Comparator.comparing(Row::text));
        }
        Map<String, List<Row>> byPartition = new java.util.LinkedHashMap<>();
        PartitionKey key = new PartitionKey(table.spec(), table.schema());
        InternalRecordWrapper wrapper = new InternalRecordWrapper(table.schema().asStruct());
        for (Row row : rows) {
            key.partition(wrapper.wrap(TableText.record(table.schema(), row.text())));
            byPartition.computeIfAbsent(key.toString(), _ -> new ArrayList<>()).add(row);
        }
        byPartition.values().forEach(partition -> commit(partition, version));
    }

    private void commit(List<Row> rows, int version) {
        List<Record> records = rows.stream()
                .map(row -> TableText.record(table.schema(), row.text()))
                .toList();
        DataFile file = TableFiles.write(table, records);
        table.newAppend().appendFile(file).commit();
        List<FeatureRow> added = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            FeatureRow feature = rows.get(i).feature();
            added.add(new FeatureRow(
                    feature.keys(),
                    feature.timestampNanos(),
                    feature.createdNanos(),
                    features.size() + i,
                    feature.values()));
        }
        if (random.nextInt(3) == 0) {
            int deleted = random.nextInt(rows.size());
            if (version == 2) {
                TableFiles.deletePositions(table, file, deleted);
            } else {
                TableFiles.deleteByVector(table, file, deleted);
            }
            added.remove(deleted);
        }
        features.addAll(added);
        if (random.nextInt(4) == 0 && table.spec().isUnpartitioned()) {
            FeatureRow victim = features.get(random.nextInt(features.size()));
            TableFiles.deleteEqual(table, "value", value(victim));
            hasEqualityDeletes = true;
            features.removeIf(feature -> value(feature).equals(value(victim)));
        }
    }

    private Row row() {
        List<String> cells = new ArrayList<>();
        List<@Nullable Object> keys = keys(cells);
        Instant event = random.nextInt(20) == 0 ? null : time();
        Instant created = random.nextInt(5) == 0 ? null : time();
        String value = Integer.toString(features.size() * 1_000 + random.nextInt(500));
        cells.add(String.valueOf(event));
        cells.add(String.valueOf(created));
        cells.add(value);
        cells.add(random.nextInt(6) == 0 ? "null" : "t".repeat(random.nextInt(30)) + value);
        return new Row(
                String.join(" | ", cells), new FeatureRow(keys, nanos(event), nanos(created), 0, List.of(value)));
    }

    /// Few distinct seconds, so that there are ties.
    private Instant time() {
        int seconds = random.nextBoolean() ? random.nextInt(40) : random.nextInt(SECONDS) / 600 * 600;
        return START.plusSeconds(seconds).plusNanos(1_000L * random.nextInt(2));
    }

    private static @Nullable BigInteger nanos(@Nullable Instant time) {
        return time == null ? null : BruteForceJoin.nanos(time);
    }

    private List<@Nullable Object> keys(List<String> cells) {
        List<@Nullable Object> keys = new ArrayList<>();
        for (Type type : keyTypes) {
            String text = random.nextInt(25) == 0
                    ? "null"
                    : text(type, crowded && random.nextBoolean() ? 0 : random.nextInt(distinct));
            cells.add(text);
            keys.add(text.equals("null") ? null : Objects.requireNonNull(TableText.value(type, text)));
        }
        return keys;
    }

    private static String text(Type type, int number) {
        return switch (type.typeId()) {
            case LONG ->
                switch (number) {
                    case 1 -> Long.toString(Long.MIN_VALUE);
                    case 2 -> Long.toString(Long.MAX_VALUE);
                    default -> Integer.toString(number - 3);
                };
            case INTEGER ->
                switch (number) {
                    case 1 -> Integer.toString(Integer.MIN_VALUE);
                    case 2 -> Integer.toString(Integer.MAX_VALUE);
                    default -> Integer.toString(number - 3);
                };
            case STRING -> "ж" + "x".repeat(number % 23) + number;
            case UUID -> new UUID(new Random(number).nextLong(), number).toString();
            case DECIMAL -> java.math.BigDecimal.valueOf(number - 3L, 3).toPlainString();
            case DATE -> java.time.LocalDate.ofEpochDay(number * 400L - 3_000).toString();
            case BOOLEAN -> Boolean.toString(number % 2 == 0);
            case BINARY -> "%04x".formatted(number * 257 % 65_536);
            default -> throw new IllegalArgumentException(type.toString());
        };
    }

    /// A spine of inline rows. Adds the same rows to `rows` for the oracle.
    Spine spine(int count, List<SpineRow> rows) {
        List<List<String>> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            List<String> cells = new ArrayList<>();
            List<@Nullable Object> keys = keys(cells);
            Instant time = random.nextInt(20) == 0 ? null : time().plusSeconds(random.nextInt(3) - 1L);
            cells.add(String.valueOf(time));
            rows.add(new SpineRow(keys, nanos(time)));
            texts.add(Given.row(cells.toArray(String[]::new)));
        }
        List<String> columns = new ArrayList<>(keyNames());
        columns.add("event_timestamp");
        return Spine.newBuilder()
                .setKind(SpineKind.ROWS)
                .setColumns(columns)
                .setRows(texts)
                .build();
    }
}
