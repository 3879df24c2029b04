package dev.firn.lake.parquet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.engine.BytesColumn;
import dev.firn.engine.Column;
import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.iceberg.Files;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Rule 11: types survive, in files that other readers understand too.
final class ParquetResultTest {
    private static final Types.StructType PLACE = Types.StructType.of(
            NestedField.optional(31, "x", Types.DoubleType.get()), NestedField.optional(32, "y", Types.LongType.get()));
    private static final Schema SCHEMA = new Schema(
            NestedField.required(1, "id", Types.LongType.get()),
            NestedField.optional(2, "small", Types.IntegerType.get()),
            NestedField.optional(3, "ratio", Types.FloatType.get()),
            NestedField.optional(4, "price", Types.DoubleType.get()),
            NestedField.optional(5, "flag", Types.BooleanType.get()),
            NestedField.optional(6, "name", Types.StringType.get()),
            NestedField.optional(7, "raw", Types.BinaryType.get()),
            NestedField.optional(8, "code", Types.FixedType.ofLength(3)),
            NestedField.optional(9, "day", Types.DateType.get()),
            NestedField.optional(10, "at", Types.TimeType.get()),
            NestedField.optional(11, "seen", Types.TimestampType.withZone()),
            NestedField.optional(12, "local", Types.TimestampType.withoutZone()),
            NestedField.optional(13, "nanos", Types.TimestampNanoType.withoutZone()),
            NestedField.optional(14, "nanosz", Types.TimestampNanoType.withZone()),
            NestedField.optional(15, "d9", Types.DecimalType.of(9, 2)),
            NestedField.optional(16, "d18", Types.DecimalType.of(18, 4)),
            NestedField.optional(17, "d38", Types.DecimalType.of(38, 10)),
            NestedField.optional(18, "uid", Types.UUIDType.get()),
            NestedField.optional(19, "tags", Types.ListType.ofOptional(33, Types.StringType.get())),
            NestedField.optional(
                    20, "counts", Types.MapType.ofOptional(34, 35, Types.StringType.get(), Types.IntegerType.get())),
            NestedField.optional(21, "place", PLACE));

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private static List<Column> random(Random random, int rows, int firstId) {
        List<Column> columns = new ArrayList<>();
        for (NestedField field : SCHEMA.columns()) {
            List<@Nullable Object> values = new ArrayList<>();
            for (int i = 0; i < rows; i++) {
                values.add(
                        field.name().equals("id")
                                ? (Object) (long) (firstId + i)
                                : random.nextInt(7) == 0 ? null : value(field.type(), random));
            }
            columns.add(ColumnValues.column(field.type(), values));
        }
        return columns;
    }

    /// Values in Iceberg's internal representation; nested values as generic objects.
    private static Object value(Type type, Random random) {
        return switch (type.typeId()) {
            case BOOLEAN -> random.nextBoolean();
            case INTEGER -> random.nextInt();
            case DATE -> random.nextInt(40_000) - 20_000;
            case LONG -> random.nextLong();
            case TIME -> random.nextInt(86_400) * 1_000_000L + 17;
            case TIMESTAMP -> random.nextLong(-4_000_000_000_000_000L, 4_000_000_000_000_000L);
            case TIMESTAMP_NANO -> random.nextLong(-4_000_000_000_000_000_000L, 4_000_000_000_000_000_000L);
            case FLOAT -> random.nextInt(5) == 0 ? Float.NaN : random.nextFloat();
            case DOUBLE -> random.nextInt(5) == 0 ? Double.NEGATIVE_INFINITY : random.nextGaussian();
            case STRING -> "snö-" + random.nextInt(30);
            case BINARY -> bytes(random, random.nextInt(9));
            case FIXED -> bytes(random, 3);
            case UUID -> new java.util.UUID(random.nextLong(), random.nextLong());
            case DECIMAL -> {
                Types.DecimalType decimal = (Types.DecimalType) type;
                yield new java.math.BigDecimal(
                        new java.math.BigInteger(decimal.precision() * 3, random)
                                .multiply(java.math.BigInteger.valueOf(random.nextBoolean() ? 1 : -1)),
                        decimal.scale());
            }
            case LIST -> List.of("a" + random.nextInt(9), "b");
            case MAP -> Map.of("k" + random.nextInt(9), random.nextInt());
            case STRUCT -> GenericRecord.create(PLACE).copy(Map.of("x", random.nextDouble(), "y", random.nextLong()));
            default -> throw new IllegalArgumentException(type.toString());
        };
    }

    private static byte[] bytes(Random random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private static List<String> rows(Schema schema, List<Column> columns) {
        List<String> rows = new ArrayList<>();
        for (int i = 0; i < columns.getFirst().size(); i++) {
            List<String> row = new ArrayList<>();
            for (int c = 0; c < columns.size(); c++) {
                row.add(ColumnValues.hexOrText(
                        ColumnValues.value(schema.columns().get(c).type(), columns.get(c), i)));
            }
            rows.add(row.toString());
        }
        return rows;
    }

    @Test
    void rule11ReadsBackWhatItWrote() throws IOException, NoSuchAlgorithmException {
        Random random = new Random(11);
        Path path = folder.resolve("part-00000.parquet");
        List<String> expected = new ArrayList<>();
        WrittenFile written;
        try (ColumnTasks tasks = new ColumnTasks(2);
                ParquetResult result = ParquetResult.create(Files.localOutput(path.toFile()), SCHEMA, tasks)) {
            for (int batch = 0; batch < 3; batch++) {
                List<Column> columns = random(random, 400, batch * 400);
                result.write(columns, 0, 150);
                result.write(columns, 150, 400);
                expected.addAll(rows(SCHEMA, columns));
            }
            written = result.finish();
        }
        byte[] file = java.nio.file.Files.readAllBytes(path);
        assertThat(written.rows()).isEqualTo(1_200);
        assertThat(written.bytes()).isEqualTo(file.length);
        assertThat(written.sha256())
                .isEqualTo(HexFormat.of()
                        .formatHex(MessageDigest.getInstance("SHA-256").digest(file)));
        List<String> actual = new ArrayList<>();
        try (ParquetSource source = ParquetSource.open(Files.localInput(path.toFile()))) {
            assertThat(source.schema().columns().stream()
                            .map(field -> field.type().toString().replaceAll("\\d+: ", "")))
                    .isEqualTo(SCHEMA.columns().stream()
                            .map(field -> field.type().toString().replaceAll("\\d+: ", ""))
                            .toList());
            Iterator<List<Column>> batches = source.batches(
                    SCHEMA.columns().stream().map(NestedField::name).toList(), 333);
            while (batches.hasNext()) {
                actual.addAll(rows(SCHEMA, batches.next()));
            }
        }
        assertThat(actual).isEqualTo(expected);
    }

    /// A batch is in memory before the caller can split it. With rows of 100 KB it has about a hundred rows,
    /// however many are requested.
    @Test
    void batchesOfWideRowsAreShort() {
        int rows = 1_000;
        byte[] wide = new byte[100_000];
        new Random(13).nextBytes(wide);
        BytesColumn.Builder values = new BytesColumn.Builder(rows);
        for (int row = 0; row < rows; row++) {
            wide[row % wide.length]++;
            values.append(wide, 0, wide.length);
        }
        Schema schema = new Schema(NestedField.optional(1, "wide", Types.BinaryType.get()));
        Path path = folder.resolve("wide.parquet");
        try (ColumnTasks tasks = new ColumnTasks(1);
                ParquetResult result = ParquetResult.create(Files.localOutput(path.toFile()), schema, tasks)) {
            result.write(List.of(values.build()), 0, rows);
            result.finish();
        }
        int read = 0;
        try (ParquetSource source = ParquetSource.open(Files.localInput(path.toFile()))) {
            Iterator<List<Column>> batches = source.batches(List.of("wide"), 65_536);
            while (batches.hasNext()) {
                int size = batches.next().getFirst().size();
                assertThat(size).isLessThanOrEqualTo(256);
                read += size;
            }
        }
        assertThat(read).isEqualTo(rows);
    }

    /// Iceberg's own conversion encodes them as Avro names: `order_x2Did`.
    @Test
    void rule11NamesAreWrittenAsTheyAre() throws SQLException {
        Types.StructType user = Types.StructType.of(NestedField.optional(10, "user-id", Types.LongType.get()));
        Types.StructType inList = Types.StructType.of(NestedField.optional(14, "user-id", Types.LongType.get()));
        Schema schema = new Schema(
                NestedField.optional(1, "order-id", Types.LongType.get()),
                NestedField.optional(2, "Preis in €", Types.DecimalType.of(9, 2)),
                NestedField.optional(3, "1st.user", user),
                NestedField.optional(4, "all users", Types.ListType.ofOptional(11, inList)),
                NestedField.optional(
                        5, "by-name", Types.MapType.ofOptional(12, 13, Types.StringType.get(), Types.UUIDType.get())));
        Object seven = GenericRecord.create(user).copy(Map.of("user-id", 7L));
        Object eight = GenericRecord.create(inList).copy(Map.of("user-id", 8L));
        java.util.UUID uuid = new java.util.UUID(1, 2);
        List<Object> row = List.of(1L, new java.math.BigDecimal("1.50"), seven, List.of(eight), Map.of("a b", uuid));
        List<Column> columns = new ArrayList<>();
        for (int c = 0; c < row.size(); c++) {
            columns.add(ColumnValues.column(schema.columns().get(c).type(), List.of(row.get(c))));
        }
        Path path = folder.resolve("names.parquet");
        try (ColumnTasks tasks = new ColumnTasks(1);
                ParquetResult result = ParquetResult.create(Files.localOutput(path.toFile()), schema, tasks)) {
            result.write(columns, 0, 1);
            result.finish();
        }
        try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duckdb.createStatement();
                ResultSet read = statement.executeQuery("""
                        SELECT concat_ws(' ', "order-id", "Preis in €", "1st.user"."user-id", "all users"[1]."user-id",
                          "by-name"['a b']) FROM '%s'""".formatted(path))) {
            assertThat(read.next()).isTrue();
            assertThat(read.getString(1)).isEqualTo("1 1.50 7 8 " + uuid);
        }
        try (ParquetSource source = ParquetSource.open(Files.localInput(path.toFile()))) {
            assertThat(source.batches(List.of("order-id", "1st.user"), 10).next())
                    .extracting(Column::size)
                    .containsExactly(1, 1);
        }
    }

    @Test
    void rule11IsReadByDuckDbWithTheSameTypesAndValues() throws SQLException {
        Path path = folder.resolve("part-00000.parquet");
        List<Column> columns = random(new Random(12), 500, 0);
        try (ColumnTasks tasks = new ColumnTasks(2);
                ParquetResult result = ParquetResult.create(Files.localOutput(path.toFile()), SCHEMA, tasks)) {
            result.write(columns, 0, 500);
            result.finish();
        }
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute("SET TimeZone='UTC'");
            List<String> types = new ArrayList<>();
            try (ResultSet described = statement.executeQuery("DESCRIBE SELECT * FROM '" + path + "'")) {
                while (described.next()) {
                    types.add(described.getString(2));
                }
            }
            assertThat(types)
                    .startsWith(
                            "BIGINT",
                            "INTEGER",
                            "FLOAT",
                            "DOUBLE",
                            "BOOLEAN",
                            "VARCHAR",
                            "BLOB",
                            "BLOB",
                            "DATE",
                            "TIME",
                            "TIMESTAMP WITH TIME ZONE",
                            "TIMESTAMP",
                            "TIMESTAMP_NS")
                    .contains(
                            "DECIMAL(9,2)",
                            "DECIMAL(18,4)",
                            "DECIMAL(38,10)",
                            "UUID",
                            "VARCHAR[]",
                            "MAP(VARCHAR, INTEGER)",
                            "STRUCT(x DOUBLE, y BIGINT)");
            assertSame(statement, path, columns, "small", "small::varchar");
            assertSame(statement, path, columns, "name", "name");
            assertSame(statement, path, columns, "raw", "lower(hex(raw))");
            assertSame(statement, path, columns, "code", "lower(hex(code))");
            assertSame(statement, path, columns, "day", "day::varchar");
            assertSame(statement, path, columns, "d9", "d9::varchar");
            assertSame(statement, path, columns, "d38", "d38::varchar");
            assertSame(statement, path, columns, "uid", "uid::varchar");
            assertSame(statement, path, columns, "seen", "epoch_us(seen)::varchar");
            assertSame(statement, path, columns, "local", "epoch_us(local)::varchar");
            assertSame(statement, path, columns, "nanos", "epoch_ns(nanos)::varchar");
        }
    }

    private static void assertSame(Statement statement, Path path, List<Column> columns, String name, String expression)
            throws SQLException {
        NestedField field = SCHEMA.findField(name);
        Column column = columns.get(field.fieldId() - 1);
        try (ResultSet rows = statement.executeQuery("SELECT %s FROM '%s' ORDER BY id".formatted(expression, path))) {
            for (int row = 0; rows.next(); row++) {
                String expected = column instanceof dev.firn.engine.LongColumn longs
                        ? longs.isNull(row) ? "null" : String.valueOf(longs.values()[row])
                        : ColumnValues.hexOrText(ColumnValues.value(field.type(), column, row));
                assertThat(String.valueOf(rows.getString(1)))
                        .as("%s row %d", name, row)
                        .isEqualTo(expected);
            }
        }
    }
}
