package dev.firn.registration.validation;

import dev.firn.events.TableSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The queries about one table. Identifiers are quoted, values bound.
final class TrinoTable {
    private final TrinoClient trino;
    private final TableSource source;

    TrinoTable(TrinoClient trino, TableSource source) {
        this.trino = trino;
        this.source = source;
    }

    /// The connector behind the catalog, as Trino calls it; null: Trino has no such catalog.
    @Nullable
    String connector() {
        List<String> found = trino.query(
                "SELECT connector_name FROM system.metadata.catalogs WHERE catalog_name = ?",
                List.of(source.getCatalog()),
                row -> row.getString(1));
        return found.isEmpty() ? null : found.getFirst();
    }

    /// The table's columns as Trino names them, in lower case; empty: there is no such table.
    List<String> columns() {
        return trino.query(
                "SELECT column_name FROM %s.information_schema.columns WHERE table_schema = ? AND table_name = ?"
                        .formatted(quoted(source.getCatalog())),
                List.of(source.getSchema$(), source.getTableName()),
                row -> row.getString(1));
    }

    List<String> schemas() {
        return trino.query(
                "SELECT schema_name FROM %s.information_schema.schemata".formatted(quoted(source.getCatalog())),
                List.of(),
                row -> row.getString(1));
    }

    List<String> tables() {
        return trino.query(
                "SELECT table_name FROM %s.information_schema.tables WHERE table_schema = ?"
                        .formatted(quoted(source.getCatalog())),
                List.of(source.getSchema$()),
                row -> row.getString(1));
    }

    /// Where a branch or tag stands; null: nowhere, since the table has no snapshot or no such ref.
    @Nullable
    Long snapshotId(String ref) {
        List<Long> found = trino.query(
                "SELECT snapshot_id FROM %s WHERE name = ?".formatted(systemTable("refs")),
                List.of(ref),
                row -> row.getLong(1));
        return found.isEmpty() ? null : found.getFirst();
    }

    /// The mission's query for one of the files of the table; null: it has none.
    @Nullable
    String anyFilePath() {
        List<String> found = trino.query(
                "SELECT \"$path\" AS file_path FROM %s LIMIT 1".formatted(name()), List.of(), row -> row.getString(1));
        return found.isEmpty() ? null : found.getFirst();
    }

    String catalog() {
        return source.getCatalog();
    }

    TrinoClient client() {
        return trino;
    }

    /// `"catalog"."schema"."table"`
    String name() {
        return quoted(source.getCatalog()) + "." + quoted(source.getSchema$()) + "." + quoted(source.getTableName());
    }

    private String systemTable(String kind) {
        return quoted(source.getCatalog()) + "." + quoted(source.getSchema$()) + "."
                + quoted(source.getTableName() + "$" + kind);
    }

    static String quoted(String identifier) {
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }
}
