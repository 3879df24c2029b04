package dev.firn.registration.validation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.registration.command.KnownState;
import dev.firn.registration.command.TableLook;
import dev.firn.registration.table.CatalogObserver;
import dev.firn.registration.table.TableObserver.LookRequest;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class UnchangedTableTest {
    /// The walk would find another content snapshot than what is known, so it was not made.
    @Test
    void aTableWithTheMetadataFileOfTheLastLookIsAsItWasKnown(@TempDir Path folder) {
        try (LocalTables tables = new LocalTables(folder)) {
            tables.create();
            KnownState known = new KnownState(tables.load().uuid(), 7L, 0, 5L);
            CatalogObserver observer = new CatalogObserver(tables.catalogs);

            assertThat(look(observer, known, tables.load().metadataLocation()).now())
                    .isEqualTo(known);
            assertThat(look(observer, known, "another file").now()).isNotEqualTo(known);
            assertThat(look(observer, known, null).now()).isNotEqualTo(known);
        }
    }

    private static TableLook.Present look(
            CatalogObserver observer, KnownState known, @Nullable String metadataLocation) {
        Set<LookRequest> requests = Set.of(new LookRequest(null, known, metadataLocation));
        var result =
                observer.look(LocalTables.NAME.toString(), requests).iterator().next();
        assertThat(result.schema()).isNotNull();
        return (TableLook.Present) result.look();
    }
}
