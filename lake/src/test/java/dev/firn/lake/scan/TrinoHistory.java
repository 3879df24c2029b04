package dev.firn.lake.scan;

import dev.firn.lake.TableName;
import dev.firn.lake.catalog.LakeTable;
import dev.firn.testkit.Trino;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.apache.iceberg.Schema;
import org.apache.iceberg.TableUtil;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.iceberg.util.SnapshotUtil;

/// Random Trino statements on one table, each a step of its history. Columns are tracked by field id through all
/// renames.
final class TrinoHistory {
    static final int ID = 1;
    static final int TS = 2;
    static final int REGION = 3;
    static final int UID = 4;
    private static final int DAY = 5;
    private static final int FLAG = 6;

    /// Partition specs and deletes use these columns, so they are never dropped.
    private static final int KEPT = 6;

    /// The number of the statement; with the seed it reproduces its values.
    private static final int SHOWN = 300;

    private static final List<String> ADDED = List.of("extra", "note", "total", "score");
    private static final List<Type> ADDED_TYPES = List.of(
            Types.LongType.get(),
            Types.StringType.get(),
            Types.IntegerType.get(),
            Types.FloatType.get(),
            Types.DecimalType.of(7, 2),
            Types.ListType.ofOptional(1, Types.StringType.get()));

    final List<String> steps = new ArrayList<>();
    private final Trino trino;
    private final TableName name;
    private final Random random;
    private long rows;
    private int names;

    TrinoHistory(Trino trino, TableName name, Random random) {
        this.trino = trino;
        this.name = name;
        this.random = random;
    }

    void create(int version) {
        run("""
                CREATE TABLE %s (id integer, ts timestamp(6) with time zone, region varchar, uid uuid, day date,
                  flag boolean, total integer, ratio real, score double, amount decimal(9, 2), raw varbinary,
                  at time(6), local timestamp(6), list array(integer), counts map(varchar, bigint),
                  place row(x integer, y varchar))
                WITH (format_version = %d)""".formatted(name, version));
    }

    /// Runs a random statement on the table.
    void step(LakeTable table) {
        Schema schema = table.schema();
        switch (random.nextInt(19)) {
            case 0, 1, 2 -> insert(schema);
            case 3, 4 -> run("DELETE FROM " + name + " WHERE " + predicate(schema));
            case 5, 6 -> update(schema);
            case 7, 8 -> merge(schema);
            case 9 -> add(schema);
            case 10 -> drop(schema);
            case 11 -> rename(schema);
            case 12 -> widen(schema);
            case 13 -> evolveStruct(schema);
            case 14, 15 -> partition(schema);
            case 16 -> run("ALTER TABLE " + name + " EXECUTE optimize");
            case 17 -> upgrade(table);
            default -> rollBack(table);
        }
    }

    /// Some statements list all columns, others omit columns, which are then null.
    void insert(Schema schema) {
        List<NestedField> columns = new ArrayList<>(schema.columns());
        if (random.nextInt(4) == 0) {
            columns.removeIf(field -> field.fieldId() > TS && random.nextBoolean());
        }
        long from = rows;
        rows += 20 + random.nextInt(80);
        run("INSERT INTO %s (%s) SELECT %s FROM UNNEST(sequence(%d, %d)) AS t(n)"
                .formatted(name, names(columns), values(columns, "n"), from, rows - 1));
    }

    private void update(Schema schema) {
        NestedField column = oneOf(schema.columns());
        String n = "mod(abs(coalesce(%s, 0)), 97) + %d".formatted(quoted(schema, ID), random.nextInt(60));
        run("UPDATE %s SET %s = %s WHERE %s"
                .formatted(name, quoted(column), TrinoValues.of(column.type(), n, salt()), predicate(schema)));
    }

    /// Each id occurs once in the source, but repeatedly in the table.
    private void merge(Schema schema) {
        List<NestedField> columns = schema.columns();
        List<NestedField> others =
                columns.stream().filter(field -> field.fieldId() != ID).toList();
        NestedField id = schema.findField(ID);
        int from = random.nextInt(30);
        String source = "SELECT CAST(n AS %s) %s, %s FROM UNNEST(sequence(%d, %d)) AS t(n)"
                .formatted(
                        TrinoValues.name(id.type()),
                        quoted(id),
                        others.stream()
                                .map(field -> TrinoValues.of(field.type(), "n", salt()) + " " + quoted(field))
                                .collect(Collectors.joining(", ")),
                        from,
                        from + 30);
        String changed = others.stream()
                .filter(field -> random.nextInt(3) == 0 || field.fieldId() == REGION)
                .map(field -> "%s = s.%1$s".formatted(quoted(field)))
                .collect(Collectors.joining(", "));
        run("""
                MERGE INTO %s t USING (%s) s ON t.%s = s.%3$s
                WHEN MATCHED AND mod(s.%3$s, %d) = 0 THEN DELETE
                WHEN MATCHED THEN UPDATE SET %s
                WHEN NOT MATCHED THEN INSERT (%s) VALUES (%s)""".formatted(
                        name,
                        source,
                        quoted(id),
                        2 + random.nextInt(3),
                        changed,
                        names(columns),
                        columns.stream().map(field -> "s." + quoted(field)).collect(Collectors.joining(", "))));
    }

    /// A name may be reused for another column of another type.
    private void add(Schema schema) {
        List<String> free = ADDED.stream()
                .filter(column -> schema.findField(column) == null)
                .toList();
        if (free.isEmpty()) {
            drop(schema);
        } else {
            run("ALTER TABLE %s ADD COLUMN %s %s".formatted(name, oneOf(free), TrinoValues.name(oneOf(ADDED_TYPES))));
        }
    }

    private void drop(Schema schema) {
        List<NestedField> droppable = schema.columns().stream()
                .filter(field -> field.fieldId() > KEPT)
                .toList();
        if (droppable.isEmpty()) {
            add(schema);
        } else {
            run("ALTER TABLE %s DROP COLUMN %s".formatted(name, quoted(oneOf(droppable))));
        }
    }

    private void rename(Schema schema) {
        run("ALTER TABLE %s RENAME COLUMN %s TO renamed_%d".formatted(name, quoted(oneOf(schema.columns())), names++));
    }

    private void widen(Schema schema) {
        List<NestedField> columns = new ArrayList<>(schema.columns());
        Collections.shuffle(columns, random);
        for (NestedField field : columns) {
            String wider =
                    switch (field.type()) {
                        case Types.IntegerType _ -> "bigint";
                        case Types.FloatType _ -> "double";
                        case Types.DecimalType of
                        when of.precision() < 30 -> "decimal(%d, %d)".formatted(of.precision() + 10, of.scale());
                        default -> "";
                    };
            if (!wider.isEmpty()) {
                run("ALTER TABLE %s ALTER COLUMN %s SET DATA TYPE %s".formatted(name, quoted(field), wider));
                return;
            }
        }
        evolveStruct(schema);
    }

    /// Changes a struct: adds, drops, renames or widens a field.
    private void evolveStruct(Schema schema) {
        for (NestedField column : schema.columns()) {
            if (column.type() instanceof Types.StructType struct) {
                NestedField last = struct.fields().getLast();
                String path = quoted(column) + "." + quoted(last);
                String alter = "ALTER TABLE " + name;
                switch (random.nextInt(4)) {
                    case 0 -> {
                        if (struct.fields().size() > 1) {
                            run("%s DROP COLUMN %s".formatted(alter, path));
                            return;
                        }
                    }
                    case 1 -> {
                        run("%s RENAME COLUMN %s TO renamed_%d".formatted(alter, path, names++));
                        return;
                    }
                    case 2 -> {
                        if (last.type() instanceof Types.IntegerType) {
                            run("%s ALTER COLUMN %s SET DATA TYPE bigint".formatted(alter, path));
                            return;
                        }
                    }
                    default -> {}
                }
                run("%s ADD COLUMN %s.added_%d integer".formatted(alter, quoted(column), names++));
                return;
            }
        }
        insert(schema);
    }

    private void partition(Schema schema) {
        String id = schema.findColumnName(ID);
        String ts = schema.findColumnName(TS);
        String region = schema.findColumnName(REGION);
        String uid = schema.findColumnName(UID);
        String day = schema.findColumnName(DAY);
        String flag = schema.findColumnName(FLAG);
        String spec = oneOf(List.of(
                "",
                "'day(" + ts + ")'",
                "'month(" + ts + ")', '" + flag + "'",
                "'bucket(" + id + ", 3)'",
                "'" + region + "'",
                "'truncate(" + region + ", 1)', 'year(" + day + ")'",
                "'" + day + "'",
                "'bucket(" + uid + ", 2)', 'truncate(" + id + ", 30)'",
                "'" + uid + "'"));
        run("ALTER TABLE %s SET PROPERTIES partitioning = ARRAY[%s]".formatted(name, spec));
    }

    /// From then on deletion vectors are added to the existing position deletes.
    private void upgrade(LakeTable table) {
        if (TableUtil.formatVersion(table.iceberg()) < 3) {
            run("ALTER TABLE " + name + " SET PROPERTIES format_version = 3");
        } else {
            run("DELETE FROM " + name + " WHERE " + predicate(table.schema()));
        }
    }

    private void rollBack(LakeTable table) {
        List<Long> ancestors = SnapshotUtil.currentAncestorIds(table.iceberg());
        run("ALTER TABLE %s EXECUTE rollback_to_snapshot(%d)"
                .formatted(name, ancestors.get(random.nextInt(Math.min(4, ancestors.size())))));
    }

    /// Some of these select whole partitions, which Trino deletes without reading them.
    private String predicate(Schema schema) {
        String id = quoted(schema, ID);
        return switch (random.nextInt(8)) {
            case 0 -> "mod(%s, %d) = 1".formatted(id, 3 + random.nextInt(5));
            case 1 -> "%s BETWEEN %d AND %d".formatted(id, random.nextInt(20) - 10, 10 + random.nextInt(20));
            case 2 -> "%s = 'к%d'".formatted(quoted(schema, REGION), random.nextInt(7));
            case 3 -> "%s < timestamp '2024-03-0%d 00:00:00 UTC'".formatted(quoted(schema, TS), 1 + random.nextInt(4));
            case 4 -> quoted(schema, DAY) + " IS NULL";
            case 5 -> quoted(schema, FLAG);
            case 6 -> quoted(schema, UID) + " >= uuid 'f0000000-0000-4000-8000-000000000000'";
            default -> id + " IS NULL OR " + quoted(schema, DAY) + " < date '1969-01-01'";
        };
    }

    private String values(List<NestedField> columns, String n) {
        return columns.stream()
                .map(field -> TrinoValues.of(field.type(), n, salt()))
                .collect(Collectors.joining(", "));
    }

    private int salt() {
        return random.nextInt(1_000);
    }

    private static String names(List<NestedField> columns) {
        return columns.stream().map(TrinoHistory::quoted).collect(Collectors.joining(", "));
    }

    private static String quoted(Schema schema, int id) {
        return quoted(schema.findField(id));
    }

    private static String quoted(NestedField field) {
        return '"' + field.name() + '"';
    }

    private <T> T oneOf(List<T> values) {
        return values.get(random.nextInt(values.size()));
    }

    private void run(String sql) {
        steps.add(sql.length() <= SHOWN ? sql : sql.substring(0, SHOWN) + "...");
        trino.execute(sql);
    }
}
