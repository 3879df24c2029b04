package dev.firn.lake.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.lake.Access;
import dev.firn.lake.TableName;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileMetadata;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.RewriteFiles;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/// A JDBC catalog over SQLite with a local warehouse, and a writer that is independent of the [Catalogs] under test.
/// Its data files exist only in metadata: no test here reads rows.
final class LakeFixture implements AutoCloseable {
    static final TableName ORDERS = new TableName("iceberg", "gold", "orders");
    static final Schema SCHEMA = new Schema(
            Types.NestedField.required(1, "customer_id", Types.LongType.get()),
            Types.NestedField.optional(2, "total", Types.IntegerType.get()),
            Types.NestedField.optional(3, "updated_at", Types.TimestampType.withZone()));

    final JdbcCatalog writer = new JdbcCatalog();
    final Catalogs catalogs;
    private final Map<String, String> properties;

    LakeFixture(Path folder) {
        properties = Map.of(
                "type", "jdbc",
                "uri", "jdbc:sqlite:" + folder.resolve("catalog.db") + "?journal_mode=WAL&busy_timeout=5000",
                "warehouse", folder.resolve("warehouse").toUri().toString(),
                "jdbc.schema-version", "V1",
                "io-impl", "org.apache.iceberg.hadoop.HadoopFileIO");
        writer.setConf(new Configuration());
        writer.initialize("iceberg", properties);
        writer.createNamespace(Namespace.of("gold"));
        catalogs = open(folder, properties);
    }

    static Catalogs open(Path folder, Map<String, String> properties) {
        return open(folder, properties, CatalogLimits.DEFAULTS);
    }

    private static Catalogs open(Path folder, Map<String, String> properties, CatalogLimits limits) {
        return Catalogs.of(
                Map.of("iceberg", properties),
                Map.of("client.region", "us-east-1"),
                new Access(
                        Set.of("iceberg"),
                        Set.of(),
                        List.of("s3://lake/spines"),
                        folder.resolve("results").toString()),
                limits);
    }

    /// The same catalog with a time limit of zero.
    Catalogs hurried(Path folder) {
        return open(folder, properties, CatalogLimits.DEFAULTS.withCallTime(Duration.ZERO));
    }

    /// The same catalog with so much memory for comparisons of files.
    Catalogs comparingIn(long bytes, Path folder) {
        return open(folder, properties, CatalogLimits.DEFAULTS.withComparisonBytes(bytes));
    }

    Map<String, String> properties() {
        return properties;
    }

    Map<String, String> propertiesWith(String key, String value) {
        Map<String, String> changed = new HashMap<>(properties);
        changed.put(key, value);
        return changed;
    }

    Table create(TableName name, String... properties) {
        Map<String, String> all = new HashMap<>(Map.of("format-version", "2"));
        for (int i = 0; i < properties.length; i += 2) {
            all.put(properties[i], properties[i + 1]);
        }
        return writer.createTable(identifier(name), SCHEMA, PartitionSpec.unpartitioned(), all);
    }

    LakeTable look() {
        return catalogs.load(ORDERS);
    }

    /// The state of a ref of [#ORDERS] now; null is the main branch.
    TableState state(@Nullable String ref) {
        return CommitWalk.state(look(), ref);
    }

    /// What happened to the ref of [#ORDERS] since.
    TableChange since(TableState before) {
        return CommitWalk.between(look(), before.ref(), before);
    }

    static void expect(TableChange change, ChangeKind kind, boolean contentChanged, long content) {
        assertThat(change.kind()).isEqualTo(kind);
        assertThat(change.contentChanged()).isEqualTo(contentChanged);
        assertThat(change.now().contentSnapshotId()).isEqualTo(content);
    }

    static TableIdentifier identifier(TableName name) {
        return TableIdentifier.of(name.schema(), name.table());
    }

    static DataFile rows(Table table, long count) {
        return DataFiles.builder(table.spec())
                .withPath(table.location() + "/data/" + UUID.randomUUID() + ".parquet")
                .withFileSizeInBytes(1000)
                .withRecordCount(count)
                .withFormat(FileFormat.PARQUET)
                .build();
    }

    static DeleteFile deletes(Table table, long count) {
        return FileMetadata.deleteFileBuilder(table.spec())
                .ofPositionDeletes()
                .withPath(table.location() + "/data/" + UUID.randomUUID() + "-deletes.parquet")
                .withFileSizeInBytes(100)
                .withRecordCount(count)
                .withFormat(FileFormat.PARQUET)
                .build();
    }

    static DataFile append(Table table, long count) {
        DataFile file = rows(table, count);
        table.newAppend().appendFile(file).commit();
        return file;
    }

    /// Rewrites files into one with the same rows.
    static DataFile compact(Table table, DataFile... files) {
        RewriteFiles rewrite = table.newRewrite();
        long rows = 0;
        for (DataFile file : files) {
            rewrite.deleteFile(file);
            rows += file.recordCount();
        }
        DataFile whole = rows(table, rows);
        rewrite.addFile(whole).commit();
        return whole;
    }

    static long head(Table table) {
        table.refresh();
        return table.currentSnapshot().snapshotId();
    }

    @Override
    public void close() {
        catalogs.close();
        writer.close();
    }
}
