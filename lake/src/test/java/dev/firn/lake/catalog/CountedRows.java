package dev.firn.lake.catalog;

import dev.firn.lake.scan.FeatureColumns;
import dev.firn.lake.scan.ProgressSink;
import dev.firn.lake.scan.ScanBounds;
import dev.firn.lake.scan.ScanPlan;
import dev.firn.lake.scan.ScanPlanner;
import dev.firn.lake.scan.ScanSettings;
import dev.firn.lake.scan.TableScan;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/// Counts the rows that Firn's own scan finds in a table of `customer_id` and `updated_at`, read through the store of
/// its catalog.
final class CountedRows {
    private CountedRows() {}

    static long in(PinnedTable table) {
        FeatureColumns columns =
                new FeatureColumns(List.of(id(table, "customer_id")), id(table, "updated_at"), null, null);
        ScanPlan plan = new ScanPlanner().plan(table, columns, ScanBounds.NONE);
        AtomicLong rows = new AtomicLong();
        new TableScan(table, plan, ScanSettings.DEFAULTS.withThreads(1))
                .stream(columns, () -> batch -> rows.addAndGet(batch.size()), () -> false, ProgressSink.NONE);
        return rows.get();
    }

    private static int id(PinnedTable table, String column) {
        return table.schema().findField(column).fieldId();
    }
}
