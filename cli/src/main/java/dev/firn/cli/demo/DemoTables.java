package dev.firn.cli.demo;

import dev.firn.cli.command.CommandFailure;
import dev.firn.cli.command.ExitCode;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/// The tables of the demo and of `firn sample`, created and queried with Trino. It never touches a user's tables.
final class DemoTables implements AutoCloseable {
    static final String CUSTOMERS = "customer_aggregates";
    static final String CLERKS = "clerk_activity";
    static final String SPINE = "order_spine";
    static final int CLERK_TTL_DAYS = 30;

    private static final String CATALOG = "iceberg";

    private final Connection trino;
    private final String schema;
    private final String orders;

    DemoTables(String jdbcUrl, String user, String schema, String scale) {
        this.schema = schema;
        this.orders = "tpch.\"%s\".orders".formatted(scale);
        Properties properties = new Properties();
        properties.setProperty("user", user);
        try {
            this.trino = DriverManager.getConnection(jdbcUrl, properties);
        } catch (SQLException e) {
            throw CommandFailure.notReachable(
                    "Cannot connect to Trino at %s: %s".formatted(jdbcUrl, e.getMessage()), e);
        }
    }

    String schema() {
        return schema;
    }

    /// `iceberg.schema.table`.
    String name(String table) {
        return "%s.%s.%s".formatted(CATALOG, schema, table);
    }

    boolean exists(String table) {
        return !rows("SELECT 1 FROM iceberg.information_schema.tables WHERE table_schema = '%s' AND table_name = '%s'"
                        .formatted(schema, table))
                .isEmpty();
    }

    long size(String table) {
        return (Long) java.util.Objects.requireNonNull(
                rows("SELECT count(*) FROM " + name(table)).getFirst().getFirst());
    }

    void createSchema() {
        run("CREATE SCHEMA IF NOT EXISTS %1$s.%2$s WITH (location = 's3://lake/%1$s/%2$s')".formatted(CATALOG, schema));
    }

    void dropAll() {
        for (String table : List.of(CUSTOMERS, CLERKS, SPINE)) {
            run("DROP TABLE IF EXISTS " + name(table));
        }
        run("DROP SCHEMA IF EXISTS %s.%s".formatted(CATALOG, schema));
    }

    /// A table and the statement that creates it.
    ///
    /// @param table its simple name
    record Creation(String table, String sql) {}

    /// All tables, in the order in which they are created.
    List<Creation> creations(int spineRows) {
        return List.of(customers(), clerks(), spine(spineRows));
    }

    /// One row for each customer and day with an order: running totals up to that day. Orders are aggregated by day
    /// before the window function runs.
    private Creation customers() {
        return new Creation(CUSTOMERS, """
                CREATE TABLE %s AS
                WITH daily AS (
                  SELECT custkey AS customer_id, orderdate, count(*) AS orders, sum(totalprice) AS value
                  FROM %s GROUP BY custkey, orderdate)
                SELECT customer_id,
                       sum(orders) OVER w AS total_orders,
                       sum(value) OVER w / sum(orders) OVER w AS avg_order_value,
                       CAST(orderdate AS timestamp(6)) AS updated_at
                FROM daily WINDOW w AS (PARTITION BY customer_id ORDER BY orderdate)""".formatted(name(CUSTOMERS), orders));
    }

    /// One row for each clerk and day: a string key, decimals and timestamps with a zone.
    private Creation clerks() {
        return new Creation(CLERKS, """
                CREATE TABLE %s AS
                SELECT clerk,
                       count(*) AS orders_taken,
                       CAST(sum(totalprice) AS decimal(18, 2)) AS revenue,
                       with_timezone(CAST(orderdate AS timestamp(6)), 'UTC') AS day
                FROM %s GROUP BY clerk, orderdate""".formatted(name(CLERKS), orders));
    }

    /// Orders as training rows, at 9:00 on their day. One in ten has a customer who never ordered.
    private Creation spine(int rows) {
        return new Creation(SPINE, """
                CREATE TABLE %s AS
                SELECT row_number() OVER (ORDER BY orderkey) AS row_id,
                       CASE WHEN orderkey %% 10 = 7 THEN (custkey / 3) * 3 ELSE custkey END AS customer_id,
                       clerk,
                       CAST(orderdate AS timestamp(6)) + INTERVAL '9' HOUR AS event_timestamp
                FROM (SELECT * FROM %s ORDER BY xxhash64(to_big_endian_64(orderkey)) LIMIT %d)
                ORDER BY row_id""".formatted(name(SPINE), orders, rows));
    }

    /// Creates the table.
    ///
    /// @return how many rows it has
    long create(Creation creation) {
        return run(creation.sql());
    }

    /// The same join in Trino's SQL, with window functions: row_id, then the features, in the spine's order.
    List<List<@Nullable Object>> joinedByTrino() {
        return rows("""
                WITH c AS (
                  SELECT s.row_id, f.total_orders, f.avg_order_value,
                         row_number() OVER (PARTITION BY s.row_id ORDER BY f.updated_at DESC) AS nth
                  FROM %1$s s JOIN %2$s f
                    ON f.customer_id = s.customer_id AND f.updated_at <= s.event_timestamp),
                k AS (
                  SELECT s.row_id, f.orders_taken, f.revenue,
                         row_number() OVER (PARTITION BY s.row_id ORDER BY f.day DESC) AS nth
                  FROM %1$s s JOIN %3$s f
                    ON f.clerk = s.clerk
                   AND f.day + INTERVAL '1' DAY <= with_timezone(s.event_timestamp, 'UTC')
                   AND f.day >= with_timezone(s.event_timestamp, 'UTC') - INTERVAL '%4$d' DAY)
                SELECT s.row_id, c.total_orders, c.avg_order_value, k.orders_taken, k.revenue
                FROM %1$s s
                LEFT JOIN c ON c.row_id = s.row_id AND c.nth = 1
                LEFT JOIN k ON k.row_id = s.row_id AND k.nth = 1
                ORDER BY s.row_id""".formatted(name(SPINE), name(CUSTOMERS), name(CLERKS), CLERK_TTL_DAYS));
    }

    /// The customers with the most orders.
    List<Long> busyCustomers(int limit) {
        return rows(
                        "SELECT customer_id FROM %s GROUP BY customer_id ORDER BY max(total_orders) DESC, customer_id LIMIT %d"
                                .formatted(name(CUSTOMERS), limit))
                .stream()
                .map(row -> (Long) row.getFirst())
                .map(java.util.Objects::requireNonNull)
                .toList();
    }

    /// Adds one more order for each customer, now.
    void addOneOrderEach(List<Long> customers) {
        run("""
                INSERT INTO %1$s
                SELECT customer_id, max(total_orders) + 1, max_by(avg_order_value, updated_at),
                       CAST(current_timestamp AT TIME ZONE 'UTC' AS timestamp(6))
                FROM %1$s WHERE customer_id IN (%2$s) GROUP BY customer_id""".formatted(
                name(CUSTOMERS),
                String.join(", ", customers.stream().map(String::valueOf).toList())));
    }

    long currentSnapshot(String table) {
        return (Long) java.util.Objects.requireNonNull(
                rows("SELECT snapshot_id FROM %s.%s.\"%s$snapshots\" ORDER BY committed_at DESC LIMIT 1"
                                .formatted(CATALOG, schema, table))
                        .getFirst()
                        .getFirst());
    }

    List<List<@Nullable Object>> rows(String sql) {
        try (Statement statement = trino.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            int columns = result.getMetaData().getColumnCount();
            List<List<@Nullable Object>> rows = new ArrayList<>();
            while (result.next()) {
                List<@Nullable Object> row = new ArrayList<>(columns);
                for (int i = 1; i <= columns; i++) {
                    row.add(result.getObject(i));
                }
                rows.add(row);
            }
            return rows;
        } catch (SQLException e) {
            throw failed(sql, e);
        }
    }

    private long run(String sql) {
        try (Statement statement = trino.createStatement()) {
            return statement.executeLargeUpdate(sql);
        } catch (SQLException e) {
            throw failed(sql, e);
        }
    }

    private static CommandFailure failed(String sql, SQLException e) {
        return new CommandFailure(
                ExitCode.REFUSED, "Trino rejected this statement:%n%s%n%s".formatted(sql.indent(4), e.getMessage()), e);
    }

    @Override
    public void close() {
        try {
            trino.close();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
