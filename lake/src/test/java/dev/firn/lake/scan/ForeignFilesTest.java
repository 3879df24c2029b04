package dev.firn.lake.scan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.lake.Access;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.TableName;
import dev.firn.lake.catalog.Catalogs;
import dev.firn.lake.catalog.LakeTable;
import dev.firn.lake.catalog.PinnedTable;
import dev.firn.lake.catalog.SnapshotChoice;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileMetadata;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.ManifestWriter;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Tables whose metadata points to files elsewhere, as whoever may write a table can make it.
final class ForeignFilesTest {
    private static final TableName NAME = TableName.parse("iceberg.gold.facts");
    private static final Schema SCHEMA = new Schema(
            Types.NestedField.required(1, "id", Types.LongType.get()),
            Types.NestedField.required(2, "ts", Types.TimestampType.withZone()));
    private static final FeatureColumns COLUMNS = new FeatureColumns(List.of(1), 2, null, null);
    private static final OffsetDateTime NOON = OffsetDateTime.parse("2024-03-01T12:00:00Z");

    private Path folder;
    private final JdbcCatalog writer = new JdbcCatalog();
    private Path elsewhere;
    private FeatureTable table;
    private Map<String, String> properties;

    @BeforeEach
    void create(@TempDir Path temporary) throws IOException {
        folder = temporary;
        elsewhere = Files.createDirectories(folder.resolve("elsewhere"));
        properties = Map.of(
                "type", "jdbc",
                "uri", "jdbc:sqlite:" + folder.resolve("catalog.db"),
                "warehouse", folder.resolve("warehouse").toUri().toString(),
                "jdbc.schema-version", "V1",
                "io-impl", "org.apache.iceberg.hadoop.HadoopFileIO");
        writer.setConf(new Configuration());
        writer.initialize("iceberg", properties);
        writer.createNamespace(Namespace.of("gold"));
        table = create(2);
    }

    private FeatureTable create(int version) {
        return FeatureTable.create(writer, NAME, SCHEMA, PartitionSpec.unpartitioned(), version);
    }

    @AfterEach
    void close() {
        writer.close();
    }

    private List<String> read(String... allowed) {
        try (Catalogs catalogs = catalogs(allowed)) {
            LakeTable now = catalogs.load(NAME);
            PinnedTable pinned = catalogs.open(now, now.pin(SnapshotChoice.head()));
            return ScannedRows.all(pinned, COLUMNS);
        }
    }

    private Catalogs catalogs(String... allowed) {
        return Catalogs.of(
                Map.of("iceberg", properties),
                Map.of("client.region", "us-east-1"),
                new Access(
                        Set.of("iceberg"),
                        Set.of(),
                        List.of(),
                        folder.resolve("results").toString(),
                        Set.of(),
                        List.of(allowed)));
    }

    private void register(String... allowed) {
        try (Catalogs catalogs = catalogs(allowed)) {
            LakeTable now = catalogs.load(NAME);
            catalogs.checkFileLocations(now, now.snapshotId(null).orElse(null));
        }
    }

    private void refused() {
        for (Runnable use : List.<Runnable>of(this::read, this::register)) {
            assertThatThrownBy(use::run)
                    .isInstanceOfSatisfying(
                            LakeRejection.class, e -> assertThat(e.code()).isEqualTo("DATA_LOCATION_NOT_ALLOWED"))
                    .hasMessageContaining("firn.access.data-locations");
        }
        // the same table, allowed: the files are there
        assertThat(read(folder.toString())).isNotEmpty();
        register(folder.toString());
    }

    private DataFile moved(DataFile file) throws IOException {
        Path from = Path.of(URI.create(file.location()).getPath());
        Path to = elsewhere.resolve(from.getFileName());
        Files.move(from, to);
        return DataFiles.builder(table.table.spec())
                .copy(file)
                .withPath(to.toUri().toString())
                .build();
    }

    private void write(DataFile file) {
        table.table.newAppend().appendFile(file).commit();
    }

    private DataFile oneRow() {
        return table.write(List.of(table.row("id", 1L, "ts", NOON))).getFirst();
    }

    @Test
    void aTableOfItsOwnFilesIsRead() {
        write(oneRow());
        register();
        assertThat(read()).hasSize(1);
    }

    @Test
    void aDataFileElsewhereIsRefused() throws IOException {
        write(moved(oneRow()));
        refused();
    }

    @Test
    void aDataFileBesideAGoodOneIsRefused() throws IOException {
        write(oneRow());
        write(moved(oneRow()));
        refused();
    }

    @Test
    void aManifestElsewhereIsRefused() throws IOException {
        ManifestWriter<DataFile> manifest = ManifestFiles.write(
                2,
                table.table.spec(),
                table.table
                        .io()
                        .newOutputFile(elsewhere.resolve("m0.avro").toUri().toString()),
                null);
        try (manifest) {
            manifest.add(oneRow());
        }
        table.table.newFastAppend().appendManifest(manifest.toManifestFile()).commit();
        refused();
    }

    @Test
    void aDeleteFileElsewhereIsRefused() throws IOException {
        write(oneRow());
        Schema byId = SCHEMA.select("id");
        DeleteFile delete = table.equalityDelete(
                new int[] {1}, List.of(table.row("id", 1L, "ts", NOON)), byId, PartitionSpec.unpartitioned(), null);
        table.commit(movedDelete(delete));
        write(oneRow());
        refused();
    }

    @Test
    void aDeletionVectorElsewhereIsRefused() throws IOException {
        writer.dropTable(TableIdentifier.of("gold", "facts"));
        table = create(3);
        DataFile two = table.write(List.of(table.row("id", 1L, "ts", NOON), table.row("id", 2L, "ts", NOON)))
                .getFirst();
        write(two);
        table.commit(movedDelete(table.vector(two, 0)));
        refused();
    }

    private DeleteFile movedDelete(DeleteFile delete) throws IOException {
        Path from = Path.of(URI.create(delete.location()).getPath());
        Path to = elsewhere.resolve(from.getFileName());
        Files.move(from, to);
        FileMetadata.Builder moved = FileMetadata.deleteFileBuilder(table.table.spec())
                .copy(delete)
                .withPath(to.toUri().toString());
        if (delete.content() == FileContent.EQUALITY_DELETES) {
            moved.ofEqualityDeletes(1);
        }
        return moved.build();
    }

    /// The manifest list and the manifests of the next commits lie there too.
    @ParameterizedTest
    @ValueSource(strings = {"write.data.path", "write.metadata.path"})
    void aTableThatWritesElsewhereIsRefused(String property) {
        table.table
                .updateProperties()
                .set(property, elsewhere.toUri().toString())
                .commit();
        table.table.refresh();
        assertThatThrownBy(this::register)
                .isInstanceOfSatisfying(
                        LakeRejection.class, e -> assertThat(e.code()).isEqualTo("DATA_LOCATION_NOT_ALLOWED"));
    }

    @Test
    void anObjectStoreLayoutUnderTheWarehouseIsRead() {
        table.table
                .updateProperties()
                .set("write.object-storage.enabled", "true")
                .set(
                        "write.data.path",
                        folder.resolve("warehouse/objects").toUri().toString())
                .set(
                        "write.metadata.path",
                        folder.resolve("warehouse/metadata").toUri().toString())
                .commit();
        write(oneRow());
        register();
        assertThat(read()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://127.0.0.1:1/a.parquet", "file:/etc/hosts", "s3://other-bucket/gold/a.parquet"})
    void aFileOfAnotherStoreIsRefusedBeforeItIsOpened(String location) {
        write(DataFiles.builder(table.table.spec())
                .withPath(location)
                .withFormat(FileFormat.PARQUET)
                .withFileSizeInBytes(1000)
                .withRecordCount(1)
                .build());
        for (Runnable use : List.<Runnable>of(this::read, this::register)) {
            assertThatThrownBy(use::run)
                    .isInstanceOfSatisfying(
                            LakeRejection.class, e -> assertThat(e.code()).isEqualTo("DATA_LOCATION_NOT_ALLOWED"));
        }
    }
}
