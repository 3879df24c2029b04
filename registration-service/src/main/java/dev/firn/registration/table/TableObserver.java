package dev.firn.registration.table;

import dev.firn.registration.command.KnownState;
import dev.firn.registration.command.TableLook;
import java.util.Set;
import org.apache.iceberg.Schema;
import org.jspecify.annotations.Nullable;

/// Looks at a table in its catalog. Blocks; thread-safe; bounded in time.
@FunctionalInterface
public interface TableObserver {
    /// Compares each ref with what was known about it.
    ///
    /// @throws dev.firn.lake.LakeOutage if the catalog does not answer
    Set<LookResult> look(String table, Set<LookRequest> requests);

    /// @param ref null for the main branch
    /// @param metadataLocation the table's metadata file at `before`; null if not known
    record LookRequest(
            @Nullable String ref,
            KnownState before,
            @Nullable String metadataLocation) {}

    /// @param request what the table was compared with
    /// @param schema with which the ref is read; null if it does not exist
    record LookResult(
            LookRequest request, TableLook look, @Nullable Schema schema) {}
}
