package dev.firn.retrieval.job;

import dev.firn.engine.Winners;
import dev.firn.lake.scan.TableScan;
import org.jspecify.annotations.Nullable;

/// The winners of a look through a whole table, and the scan that gathers their values.
///
/// @param scan null if there was nothing to read
record Looked(Winners winners, @Nullable TableScan scan) implements AutoCloseable {
    @Override
    public void close() {
        if (scan != null) {
            scan.close();
        }
    }
}
