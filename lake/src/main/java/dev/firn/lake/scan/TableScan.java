package dev.firn.lake.scan;

import dev.firn.engine.Column;
import dev.firn.engine.FeatureBatch;
import dev.firn.lake.catalog.PinnedTable;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// Reads a planned table: first the columns that decide the join, later the values of the rows that won. Throws
/// [dev.firn.lake.LakeException]; messages name the file and the row group.
public final class TableScan {
    public TableScan(PinnedTable table, ScanPlan plan, ScanSettings settings) {
        throw new UnsupportedOperationException(table.pin().toString() + plan + settings);
    }

    /// Hands out every live row of the plan once, deletes applied, rows without a timestamp left out; keys as the
    /// engine holds them, times as UTC instants in the columns' own units. Batches come in no order. Each reader
    /// thread
    /// asks for a sink of its own, and may reuse a batch's arrays once `accept` has returned.
    ///
    /// Returns when all is read, or when `cancelled` says so: then by [java.util.concurrent.CancellationException].
    public void stream(
            FeatureColumns columns,
            Supplier<Consumer<FeatureBatch>> sinkPerThread,
            BooleanSupplier cancelled,
            ProgressSink progress) {
        throw new UnsupportedOperationException();
    }

    /// Values of the fields at the given addresses (ascending, distinct), in their order. Only row groups, and where
    /// there is an offset index only pages, that hold one of them are read. Memory is that of the values.
    public List<Column> gather(long[] sortedAddresses, List<Integer> fieldIds) {
        throw new UnsupportedOperationException();
    }
}
