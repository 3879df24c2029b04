package dev.firn.retrieval.job.values;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.engine.BytesColumn;
import dev.firn.engine.Column;
import dev.firn.engine.DoubleColumn;
import dev.firn.engine.IntColumn;
import dev.firn.engine.LongColumn;
import dev.firn.engine.MemoryBudget;
import dev.firn.engine.ObjectColumn;
import dev.firn.lake.parquet.ColumnTasks;
import dev.firn.lake.scratch.Scratch;
import dev.firn.retrieval.spine.Columns;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Values come out in the spine's order, whether they fit in memory or spill.
final class GatheredValuesTest {
    private static final Types.StructType PLACE =
            Types.StructType.of(NestedField.optional(8, "x y", Types.DoubleType.get()));
    private static final List<NestedField> FIELDS = List.of(
            NestedField.optional(1, "count", Types.LongType.get()),
            NestedField.optional(2, "Count", Types.IntegerType.get()),
            NestedField.optional(3, "ratio", Types.DoubleType.get()),
            NestedField.optional(4, "name", Types.StringType.get()),
            NestedField.optional(5, "tags", Types.ListType.ofOptional(6, Types.StringType.get())),
            NestedField.optional(7, "place", PLACE));
    private static final int WINNERS = 3_000;
    private static final int ROWS = 5_000;

    @ParameterizedTest
    @ValueSource(longs = {1L << 30, 200_000, 1})
    void keepsTheSpinesOrderWithAnyMemory(long budget) {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<Column> all = random(random);
        int[] order = IntStream.range(0, ROWS)
                .map(row -> row < WINNERS ? row : random.nextInt(10) == 0 ? -1 : random.nextInt(WINNERS))
                .toArray();
        shuffle(order, random);
        long before = Scratch.ofProcess().usedBytes();
        try (MemoryBudget.Lease lease = new MemoryBudget(budget).acquire(0, "a test");
                ColumnTasks tasks = new ColumnTasks(2);
                GatheredValues values = new GatheredValues(
                        FIELDS, order, WINNERS, new ValueMemory(lease, 0, budget, 0).share(0), tasks)) {
            List<Integer> starts = new ArrayList<>();
            for (int from = 0; from < WINNERS; from += 250) {
                starts.add(from);
            }
            Collections.shuffle(starts, random);
            starts.parallelStream().forEach(from -> values.accept(from, part(all, from, from + 250)));
            values.finish();

            assertThat(values.isSpilled()).isEqualTo(budget < 1L << 30);
            assertThat(Scratch.ofProcess().usedBytes() > before).isEqualTo(values.isSpilled());
            int to;
            for (int from = 0; from < ROWS; from = to) {
                to = values.end(from, Math.min(ROWS, from + 512), 1 << 20);
                GatheredValues.Chunk chunk = values.rows(from, to);
                for (int f = 0; f < FIELDS.size(); f++) {
                    assertThat(texts(chunk.column(f)))
                            .as("seed %d, field %d, rows %d to %d", seed, f, from, to)
                            .isEqualTo(texts(all.get(f).take(Arrays.copyOfRange(order, from, to))));
                }
            }
        }
        assertThat(Scratch.ofProcess().usedBytes()).isEqualTo(before);
    }

    @Test
    void releasesTheMemoryOfSpilledValues() {
        Random random = new Random(3);
        MemoryBudget budget = new MemoryBudget(300_000);
        try (MemoryBudget.Lease lease = budget.acquire(0, "a test");
                ColumnTasks tasks = new ColumnTasks(1);
                GatheredValues values = new GatheredValues(
                        FIELDS,
                        IntStream.range(0, WINNERS).toArray(),
                        WINNERS,
                        new ValueMemory(lease, 0, 300_000, 0).share(0),
                        tasks)) {
            List<Column> all = random(random);
            for (int from = 0; from < WINNERS; from += 250) {
                values.accept(from, part(all, from, from + 250));
                assertThat(lease.bytes()).isLessThanOrEqualTo(300_000);
            }
            values.finish();
            assertThat(values.isSpilled()).isTrue();
        }
    }

    /// The bytes that are put together at once are bounded, although widths are unknown before the values are read.
    @ParameterizedTest
    @ValueSource(longs = {1L << 30, 1})
    void boundsChunksOfValuesOfAnyWidth(long budget) {
        int narrow = 3_000;
        int wide = 3_000;
        int giant = narrow + wide;
        List<NestedField> name = List.of(NestedField.optional(1, "name", Types.StringType.get()));
        String[] names = IntStream.rangeClosed(0, giant)
                .mapToObj(i -> (i < narrow ? "n" : i < giant ? "w".repeat(20_000) : "g".repeat(1_000_000)) + i)
                .toArray(String[]::new);
        int[] order = IntStream.range(0, 2 * giant)
                .map(row -> row % 2 == 0 ? row / 2 : row % 40 == 1 ? giant : -1)
                .toArray();
        try (MemoryBudget.Lease lease = new MemoryBudget(budget).acquire(0, "a test");
                ColumnTasks tasks = new ColumnTasks(1);
                GatheredValues values = new GatheredValues(
                        name, order, giant + 1, new ValueMemory(lease, 0, budget, 0).share(0), tasks)) {
            for (int first = 0; first <= giant; first += 1_000) {
                BytesColumn.Builder part = new BytesColumn.Builder(1_000);
                Arrays.stream(names, first, Math.min(giant + 1, first + 1_000)).forEach(part::append);
                values.accept(first, List.of(part.build()));
            }
            values.finish();

            int to;
            for (int from = 0; from < order.length; from = to) {
                to = values.end(from, order.length, 8 << 20);
                BytesColumn found = (BytesColumn) values.rows(from, to).column(0);
                assertThat(Columns.bytes(found)).isLessThan((8 << 20) + 1);
                for (int row = from; row < to; row++) {
                    assertThat(found.isNull(row - from) ? "null" : found.string(row - from))
                            .isEqualTo(order[row] < 0 ? "null" : names[order[row]]);
                }
            }
        }
    }

    @Test
    void noViewTakesTheMemoryGuaranteedToAnother() {
        try (MemoryBudget.Lease lease = new MemoryBudget(1_000).acquire(300, "a test")) {
            ValueMemory memory = new ValueMemory(lease, 100, 1_000, 100, 100);

            assertThat(memory.share(0).reserve(800)).isTrue();
            assertThat(memory.share(0).reserve(1)).isFalse();
            assertThat(memory.share(1).reserve(100)).isTrue();
            assertThat(memory.share(1).reserve(1)).isFalse();
            memory.share(0).release(500);
            assertThat(memory.share(1).reserve(500)).isTrue();
        }
    }

    private static void shuffle(int[] values, Random random) {
        for (int i = values.length - 1; i > 0; i--) {
            int other = random.nextInt(i + 1);
            int value = values[i];
            values[i] = values[other];
            values[other] = value;
        }
    }

    private static List<Column> part(List<Column> columns, int from, int to) {
        int[] range = Columns.range(from, to);
        return columns.stream().map(column -> column.take(range)).toList();
    }

    private static List<Column> random(Random random) {
        LongColumn.Builder counts = new LongColumn.Builder(WINNERS);
        IntColumn.Builder small = new IntColumn.Builder(WINNERS);
        DoubleColumn.Builder ratios = new DoubleColumn.Builder(WINNERS);
        BytesColumn.Builder names = new BytesColumn.Builder(WINNERS);
        ObjectColumn.Builder tags = new ObjectColumn.Builder(WINNERS);
        ObjectColumn.Builder places = new ObjectColumn.Builder(WINNERS);
        for (int i = 0; i < WINNERS; i++) {
            if (random.nextInt(8) == 0) {
                counts.appendNull();
                small.appendNull();
                ratios.appendNull();
                names.appendNull();
                tags.appendNull();
                places.appendNull();
                continue;
            }
            counts.append(random.nextInt(5) == 0 ? Long.MIN_VALUE : random.nextLong());
            small.append(random.nextInt());
            ratios.append(random.nextDouble());
            names.append("имя" + "x".repeat(random.nextInt(40)) + i);
            tags.append(List.of("a" + i, "b"));
            GenericRecord place = GenericRecord.create(PLACE);
            place.setField("x y", (double) i);
            places.append(place);
        }
        return List.of(counts.build(), small.build(), ratios.build(), names.build(), tags.build(), places.build());
    }

    private static List<String> texts(Column column) {
        return IntStream.range(0, column.size())
                .mapToObj(row -> column.isNull(row) ? "null" : text(column, row))
                .toList();
    }

    private static String text(Column column, int row) {
        return switch (column) {
            case LongColumn of -> Long.toString(of.values()[row]);
            case IntColumn of -> Integer.toString(of.values()[row]);
            case DoubleColumn of -> Double.toString(of.values()[row]);
            case BytesColumn of -> of.string(row);
            case ObjectColumn of -> String.valueOf(of.values()[row]);
            default -> throw new IllegalArgumentException(column.getClass().toString());
        };
    }
}
