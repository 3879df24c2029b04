package dev.firn.testkit;

import dev.firn.embedded.StackAddresses;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Properties;

/// The stack's Trino over JDBC. Thread-safe: every statement runs on its own connection.
public final class Trino {
    private final StackAddresses addresses;

    Trino(StackAddresses addresses) {
        this.addresses = addresses;
    }

    /// Runs statements one after the other.
    public void execute(String... statements) {
        for (String sql : statements) {
            try (Connection connection = connect();
                    Statement statement = connection.createStatement()) {
                statement.execute(sql);
            } catch (SQLException e) {
                throw new AssertionError("Trino rejects: " + sql, e);
            }
        }
    }

    /// The rows of a query, each a list of the values that JDBC's `getObject` returns, including nulls.
    public List<List<Object>> query(String sql) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            int columns = result.getMetaData().getColumnCount();
            List<List<Object>> rows = new ArrayList<>();
            while (result.next()) {
                List<Object> row = new ArrayList<>(columns);
                for (int column = 1; column <= columns; column++) {
                    row.add(result.getObject(column));
                }
                rows.add(Collections.unmodifiableList(row));
            }
            return rows;
        } catch (SQLException e) {
            throw new AssertionError("Trino rejects: " + sql, e);
        }
    }

    /// Creates an Iceberg schema with a unique name and returns that name. Its tables are stored under
    /// `s3://lake/iceberg/<name>/`.
    public String newSchema() {
        String name = TestStack.namespace();
        execute("CREATE SCHEMA %s.%s WITH (location = '%s/%s')"
                .formatted(StackAddresses.CATALOG, name, addresses.warehouse(), name));
        return name;
    }

    /// Creates a table and inserts a fixture's rows in one commit. `columns` is SQL, such as `id bigint, at
    /// timestamp(6)`.
    public void createTable(String table, String columns, TextTable rows) {
        execute("CREATE TABLE %s (%s)".formatted(table, columns));
        insert(table, rows);
    }

    /// Inserts a fixture's rows in one commit. Values are cast from text to the column's type.
    public void insert(String table, TextTable rows) {
        if (rows.rows().isEmpty()) {
            return;
        }
        execute(rows.insertInto(table, columnTypes(table)));
    }

    private List<String> columnTypes(String table) {
        return query("DESCRIBE " + table).stream()
                .map(row -> row.get(0) + " " + row.get(1))
                .toList();
    }

    public Connection connect() throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", addresses.trinoUser());
        return DriverManager.getConnection(addresses.trinoJdbcUrl(), properties);
    }
}
