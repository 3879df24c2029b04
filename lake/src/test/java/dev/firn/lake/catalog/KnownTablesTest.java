package dev.firn.lake.catalog;

import static dev.firn.lake.catalog.LakeFixture.ORDERS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.lake.LakeRejection;
import dev.firn.lake.TableName;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.iceberg.Table;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A look at a table that was looked at before asks the catalog, but reads metadata only if it has changed.
final class KnownTablesTest {
    private LakeFixture lake;
    private Table orders;

    @BeforeEach
    void open(@TempDir Path folder) {
        lake = new LakeFixture(folder);
        orders = lake.create(ORDERS);
        lake.catalogs.look(ORDERS);
    }

    @AfterEach
    void close() {
        lake.close();
    }

    @Test
    void readsNoMetadataThatHasNotChanged() throws IOException {
        LakeTable before = lake.catalogs.look(ORDERS);
        Files.delete(Path.of(URI.create(before.metadataLocation())));

        assertThat(lake.catalogs.look(ORDERS).metadataLocation()).isEqualTo(before.metadataLocation());
        assertThatThrownBy(() -> lake.catalogs.load(ORDERS)).isInstanceOf(RuntimeException.class);
    }

    @Test
    void knowsAsManyTablesAsOneServiceWatches() throws IOException {
        List<TableName> tables = IntStream.range(0, 200)
                .mapToObj(i -> new TableName(ORDERS.catalog(), ORDERS.schema(), "table" + i))
                .toList();
        for (TableName table : tables) {
            lake.create(table);
            Files.delete(Path.of(URI.create(lake.catalogs.look(table).metadataLocation())));
        }

        assertThat(tables)
                .allSatisfy(
                        table -> assertThat(lake.catalogs.look(table).uuid()).isNotNull());
    }

    @Test
    void seesEachCommitAndLeavesEarlierLooksAsTheyWere() {
        LakeTable before = lake.catalogs.look(ORDERS);
        orders.newAppend().appendFile(LakeFixture.rows(orders, 1)).commit();
        LakeTable after = lake.catalogs.look(ORDERS);

        assertThat(before.schemaId()).isEqualTo(after.schemaId());
        assertThat(before.metadataLocation()).isNotEqualTo(after.metadataLocation());
        assertThat(after.metadataLocation())
                .isEqualTo(lake.catalogs.load(ORDERS).metadataLocation());
    }

    @Test
    void seesThatATableIsGoneAndThatAnotherHasItsName() {
        LakeTable before = lake.catalogs.look(ORDERS);
        lake.writer.dropTable(LakeFixture.identifier(ORDERS), false);
        assertThatThrownBy(() -> lake.catalogs.look(ORDERS))
                .isInstanceOfSatisfying(
                        LakeRejection.class, e -> assertThat(e.code()).isEqualTo("TABLE_NOT_FOUND"));

        lake.create(ORDERS);
        assertThat(lake.catalogs.look(ORDERS).uuid()).isNotEqualTo(before.uuid());
    }

    @Test
    void seesATableThatWasReplacedBetweenTwoLooks() {
        LakeTable before = lake.catalogs.look(ORDERS);
        lake.writer.dropTable(LakeFixture.identifier(ORDERS), false);
        lake.create(ORDERS);

        assertThat(lake.catalogs.look(ORDERS).uuid()).isNotEqualTo(before.uuid());
    }
}
