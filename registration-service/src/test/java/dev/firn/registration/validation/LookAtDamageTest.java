package dev.firn.registration.validation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.lake.LakeOutage;
import dev.firn.registration.command.KnownState;
import dev.firn.registration.command.TableLook;
import dev.firn.registration.table.CatalogObserver;
import dev.firn.registration.table.TableObserver.LookRequest;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A view breaks only if its table is gone, never because a file of it cannot be read today.
final class LookAtDamageTest {
    @Test
    void aDamagedOrMissingMetadataFileIsNoMissingTable(@TempDir Path folder) throws Exception {
        try (LocalTables tables = new LocalTables(folder)) {
            tables.create();
            String uuid = tables.load().uuid();
            Path metadata = Path.of(URI.create(tables.load().metadataLocation()));
            byte[] sound = Files.readAllBytes(metadata);
            Set<LookRequest> requests = Set.of(new LookRequest(null, new KnownState(uuid, null, 0, null), null));
            CatalogObserver observer = new CatalogObserver(tables.catalogs);
            Files.deleteIfExists(metadata.resolveSibling("." + metadata.getFileName() + ".crc"));

            Files.write(metadata, new byte[0]);
            assertThatThrownBy(() -> observer.look(LocalTables.NAME.toString(), requests))
                    .isInstanceOf(LakeOutage.class)
                    .hasMessageContaining("cut off or damaged");
            Files.delete(metadata);
            assertThatThrownBy(() -> observer.look(LocalTables.NAME.toString(), requests))
                    .isInstanceOf(LakeOutage.class)
                    .hasMessageContaining("missing");

            Files.write(metadata, sound);
            assertThat(observer.look(LocalTables.NAME.toString(), requests))
                    .allMatch(result -> result.look() instanceof TableLook.Present);
            assertThat(observer.look("iceberg.gold.other", requests))
                    .allMatch(result -> result.look() instanceof TableLook.Missing);
        }
    }
}
