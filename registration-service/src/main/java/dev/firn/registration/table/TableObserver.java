package dev.firn.registration.table;

import dev.firn.registration.command.KnownState;
import dev.firn.registration.command.TableLook;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Looks at a table in its catalog. Blocks while it does; thread-safe; bounded in time.
@FunctionalInterface
public interface TableObserver {
    /// Compares each ref of `asked` with what was known of it.
    ///
    /// @throws dev.firn.lake.LakeOutage when the catalog cannot be asked: nothing is known then
    Set<LookResult> look(String table, Set<LookRequest> asked);

    /// @param metadataLocation the table's metadata file when `before` was seen; null: not known
    record LookRequest(
            @Nullable String ref,
            KnownState before,
            @Nullable String metadataLocation) {}

    /// @param request what was compared with
    record LookResult(LookRequest request, TableLook look) {}
}
