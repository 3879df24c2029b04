package dev.firn.registration;

import dev.firn.events.CommitKind;
import dev.firn.registration.command.KnownState;
import dev.firn.registration.command.TableLook;
import dev.firn.registration.table.TableObserver;
import dev.firn.schemas.Code;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.apache.iceberg.Schema;

/// A catalog whose tables a test sets.
final class FakeCatalog implements TableObserver {
    final Map<String, Function<LookRequest, TableLook>> tables = new HashMap<>();
    private Schema schema = Views.SCHEMA;
    final List<String> looked = new ArrayList<>();
    final List<LookRequest> asked = new ArrayList<>();

    /// Shows the table of [Views] in this state from now on.
    ///
    /// @param kind of the commit that led to it from any other state
    void show(KnownState now, CommitKind kind, Schema schema) {
        this.schema = schema;
        tables.put(
                Views.TABLE,
                asked -> new TableLook.Present(
                        Views.TABLE,
                        asked.ref(),
                        asked.before(),
                        now,
                        asked.before().equals(now) ? CommitKind.UNKNOWN : kind,
                        kind != CommitKind.COMPACTION,
                        "s3://lake/t/metadata/2.json",
                        "s3://lake/t",
                        1_700_000_000_000_000L));
    }

    /// Shows that the table of [Views] no longer exists.
    void showNothing() {
        tables.put(
                Views.TABLE,
                asked -> new TableLook.Missing(
                        Views.TABLE, asked.ref(), asked.before(), Code.TABLE_NOT_FOUND.name(), "gone"));
    }

    @Override
    public Set<LookResult> look(String table, Set<LookRequest> asked) {
        looked.add(table);
        this.asked.addAll(asked);
        Function<LookRequest, TableLook> shown = tables.get(table);
        if (shown == null) {
            throw new IllegalStateException("the test shows no table " + table);
        }
        Set<LookResult> seen = new HashSet<>();
        asked.forEach(one -> seen.add(new LookResult(one, shown.apply(one), schema)));
        return seen;
    }
}
