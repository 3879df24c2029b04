package dev.firn.retrieval.job;

import dev.firn.engine.Winners;
import dev.firn.lake.scan.TableScan;
import org.jspecify.annotations.Nullable;

/// The winners of a look through a whole table, and the pass that found them and gathers their values.
///
/// @param pass null if there was nothing to read
record Looked(Winners winners, @Nullable TablePass pass) implements AutoCloseable {
    /// Null if there was nothing to read.
    @Nullable
    TableScan scan() {
        return pass == null ? null : pass.scan();
    }

    @Override
    public void close() {
        if (pass != null) {
            pass.leave();
        }
    }
}
