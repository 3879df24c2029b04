package dev.firn.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

/// The SQLite file of the Iceberg catalog. [#create] makes its tables: Iceberg would on first use, but Trino does not.
final class CatalogFile {
    private static final String TABLES = """
            CREATE TABLE IF NOT EXISTS iceberg_tables (
              catalog_name VARCHAR(255) NOT NULL,
              table_namespace VARCHAR(255) NOT NULL,
              table_name VARCHAR(255) NOT NULL,
              metadata_location VARCHAR(1000),
              previous_metadata_location VARCHAR(1000),
              iceberg_type VARCHAR(5),
              PRIMARY KEY (catalog_name, table_namespace, table_name))
            """;
    private static final String NAMESPACE_PROPERTIES = """
            CREATE TABLE IF NOT EXISTS iceberg_namespace_properties (
              catalog_name VARCHAR(255) NOT NULL,
              namespace VARCHAR(255) NOT NULL,
              property_key VARCHAR(255),
              property_value VARCHAR(1000),
              PRIMARY KEY (catalog_name, namespace, property_key))
            """;

    private CatalogFile() {}

    static String uri(Path folder) {
        return "jdbc:sqlite:%s?journal_mode=WAL&busy_timeout=20000".formatted(folder.resolve("catalog/catalog.db"));
    }

    static void create(Path folder) throws IOException {
        Files.createDirectories(folder.resolve("catalog"));
        try (Connection catalog = DriverManager.getConnection(uri(folder));
                Statement statement = catalog.createStatement()) {
            statement.execute(TABLES);
            statement.execute(NAMESPACE_PROPERTIES);
        } catch (SQLException e) {
            throw new IOException("[%s] cannot create the catalog".formatted(uri(folder)), e);
        }
    }
}
