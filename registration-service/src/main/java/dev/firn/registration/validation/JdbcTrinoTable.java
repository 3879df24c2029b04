package dev.firn.registration.validation;

import dev.firn.events.TableSource;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Queries about one table. Identifiers are quoted, values bound.
final class JdbcTrinoTable implements TrinoTable {
    private final TrinoClient trino;
    private final TableSource source;

    JdbcTrinoTable(TrinoClient trino, TableSource source) {
        this.trino = trino;
        this.source = source;
    }

    @Override
    public @Nullable String connector() {
        List<String> found = trino.query(
                "SELECT connector_name FROM system.metadata.catalogs WHERE catalog_name = ?",
                List.of(source.getCatalog()),
                row -> row.getString(1));
        return found.isEmpty() ? null : found.getFirst();
    }

    @Override
    public List<String> columns() {
        return trino.query(
                "SELECT column_name FROM %s.information_schema.columns WHERE table_schema = ? AND table_name = ?"
                        .formatted(quoted(source.getCatalog())),
                List.of(lower(source.getSchema$()), lower(source.getTableName())),
                row -> row.getString(1));
    }

    @Override
    public List<String> schemas() {
        return trino.query(
                "SELECT schema_name FROM %s.information_schema.schemata".formatted(quoted(source.getCatalog())),
                List.of(),
                row -> row.getString(1));
    }

    @Override
    public List<String> tables() {
        return trino.query(
                "SELECT table_name FROM %s.information_schema.tables WHERE table_schema = ?"
                        .formatted(quoted(source.getCatalog())),
                List.of(lower(source.getSchema$())),
                row -> row.getString(1));
    }

    @Override
    public @Nullable Long snapshotId(String ref) {
        List<Long> found = trino.query(
                "SELECT snapshot_id FROM %s WHERE name = ?".formatted(name("$refs")),
                List.of(ref),
                row -> row.getLong(1));
        return found.isEmpty() ? null : found.getFirst();
    }

    @Override
    public @Nullable String anyFilePath() {
        List<String> found = trino.query(
                "SELECT \"$path\" AS file_path FROM %s LIMIT 1".formatted(name("")),
                List.of(),
                row -> row.getString(1));
        return found.isEmpty() ? null : found.getFirst();
    }

    @Override
    public RowCounts count(RowSample sample, Duration limit) {
        String time = "event_time";
        List<String> keyNames = IntStream.range(0, sample.keyColumns().size())
                .mapToObj("key_%d"::formatted)
                .toList();
        // a view without entities has one group
        String keys = keyNames.isEmpty() ? "key_0" : String.join(", ", keyNames);
        String selected = keyNames.isEmpty()
                ? "1 AS key_0"
                : IntStream.range(0, keyNames.size())
                        .mapToObj(i -> expression(sample.keyColumns().get(i)) + " AS " + keyNames.get(i))
                        .collect(Collectors.joining(", "));
        String sql = """
                SELECT coalesce(sum(n), 0), count(*), coalesce(sum(future), 0), coalesce(sum(timed - distinct_times), 0)
                FROM (SELECT %2$s, count(*) AS n, count(%1$s) AS timed, count(DISTINCT %1$s) AS distinct_times,
                        count_if(%1$s > %3$s) AS future
                      FROM (SELECT %7$s, %8$s AS %1$s FROM %4$s FOR VERSION AS OF %5$d LIMIT %6$d)
                      GROUP BY %2$s)""".formatted(
                        time,
                        keys,
                        now(sample, Instant.now()),
                        name(""),
                        sample.snapshotId(),
                        sample.maxRows(),
                        selected,
                        expression(sample.timestampColumn()));
        return trino.query(
                        sql,
                        List.of(),
                        row -> new RowCounts(row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4)),
                        limit)
                .getFirst();
    }

    /// The present time as the column tells it.
    ///
    /// @param about the present time for the zone's offset: Trino knows fewer names of zones than Java
    static String now(RowSample sample, Instant about) {
        return switch (sample.timestampType()) {
            case "date" -> "CAST(current_timestamp AT TIME ZONE 'UTC' AS date)";
            case "timestamp", "timestamp_ns" ->
                "date_add('second', %d, CAST(current_timestamp AT TIME ZONE 'UTC' AS timestamp(6)))"
                        .formatted(offsetSeconds(sample.timestampZone(), about));
            default -> "current_timestamp";
        };
    }

    private static int offsetSeconds(@Nullable String zone, Instant at) {
        return zone == null ? 0 : ZoneId.of(zone).getRules().getOffset(at).getTotalSeconds();
    }

    /// As Trino lists names, whatever the catalog calls them.
    private static String lower(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    /// @param suffix of a metadata table, such as `$refs`; empty for the table itself
    private String name(String suffix) {
        return "%s.%s.%s"
                .formatted(
                        quoted(source.getCatalog()),
                        quoted(source.getSchema$()),
                        quoted(source.getTableName() + suffix));
    }

    /// A column, or a field within structs by its path.
    private static String expression(List<String> path) {
        return path.stream().map(JdbcTrinoTable::quoted).collect(Collectors.joining("."));
    }

    private static String quoted(String identifier) {
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }
}
