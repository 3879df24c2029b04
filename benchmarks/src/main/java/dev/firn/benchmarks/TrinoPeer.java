package dev.firn.benchmarks;

import dev.firn.embedded.StackAddresses;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/// Trino's `NEAREST` over the same tables, in the Trino of the embedded stack. That one has a small heap and is tuned
/// to start quickly, so this is not Trino at its best. Memory and CPU time are those of the client and mean nothing.
final class TrinoPeer {
    private TrinoPeer() {}

    static void run(GeneratedFiles data, Scenario scenario, Path results, int runs) {
        StackAddresses stack = data.stack();
        Properties user = new Properties();
        user.setProperty("user", stack.trinoUser());
        AtomicInteger run = new AtomicInteger();
        try (BenchTables lake = BenchTables.of(data, scenario);
                Connection connection = DriverManager.getConnection(stack.trinoJdbcUrl(), user)) {
            String facts = quoted(lake.table(scenario.table()).name());
            String spine = quoted(lake.spineTable(scenario).name());
            RunLoop.repeat(runs, () -> {
                int number = run.incrementAndGet();
                String target = "iceberg.%s.result_%d_%d".formatted(BenchTables.SCHEMA, System.nanoTime(), number);
                execute(
                        connection,
                        "create table %s with (format = 'PARQUET', compression_codec = 'ZSTD', location = '%s') as %s"
                                .formatted(
                                        target,
                                        lake.results(results.resolve("run-" + number)),
                                        query(scenario, spine, facts)));
                return -1;
            });
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String query(Scenario scenario, String spine, String facts) {
        List<String> columns = new ArrayList<>(List.of("s.row_id"));
        scenario.table().keyNames().forEach(key -> columns.add("s." + key));
        columns.add("s." + TableSpec.TIME);
        StringBuilder from = new StringBuilder("from " + spine + " s");
        for (int v = 0; v < scenario.views().size(); v++) {
            Scenario.View view = scenario.views().get(v);
            String q = "q" + v;
            from.append(" left join nearest (from %s %s where %s match %s.%s <= s.%s) on true"
                    .formatted(
                            facts,
                            q,
                            scenario.table().keyNames().stream()
                                    .map(key -> "%s.%s = s.%s".formatted(q, key, key))
                                    .collect(Collectors.joining(" and ")),
                            q,
                            TableSpec.TIME,
                            TableSpec.TIME));
            view.features().forEach(feature -> columns.add(q + "." + feature));
        }
        return "select %s %s".formatted(String.join(", ", columns), from);
    }

    private static String quoted(String name) {
        return Arrays.stream(name.split("\\.", -1))
                .map(part -> "\"" + part.replace("\"", "\"\"") + "\"")
                .collect(Collectors.joining("."));
    }

    private static void execute(Connection connection, String sql) {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e.getMessage() + "\n" + sql, e);
        }
    }
}
