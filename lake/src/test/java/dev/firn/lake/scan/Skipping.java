package dev.firn.lake.scan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.engine.Column;
import dev.firn.engine.DictionaryColumn;
import dev.firn.lake.catalog.PinnedTable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// Rule 14: a scan that skips by bounds returns every row within them.
final class Skipping {
    private Skipping() {}

    /// @param bounds bounds of one key, the first of `columns`
    static void leavesOutNothing(PinnedTable table, FeatureColumns columns, ScanBounds bounds, String what) {
        assertThat(within(table, columns, bounds, bounds))
                .as(what)
                .isEqualTo(within(table, columns, bounds, ScanBounds.NONE));
    }

    /// The keys and times of the rows within `bounds` that a scan with the bounds `skipping` returns.
    private static List<String> within(
            PinnedTable table, FeatureColumns columns, ScanBounds bounds, ScanBounds skipping) {
        ScanPlan plan = new ScanPlanner().plan(table, columns, skipping);
        // remote files are read by several threads, whatever the settings say
        List<String> rows = Collections.synchronizedList(new ArrayList<>());
        new TableScan(table, plan, new ScanSettings(1, 64))
                .stream(
                        columns,
                        () -> batch -> {
                            Column keys = batch.keys().getFirst();
                            Column plain = keys instanceof DictionaryColumn strings ? strings.expanded() : keys;
                            for (int i = 0; i < batch.size(); i++) {
                                long time = batch.timestamps()[i];
                                if (!plain.isNull(i) && time >= bounds.earliest() && time <= bounds.latest()) {
                                    int key = find(bounds, plain, i);
                                    if (key >= 0) {
                                        rows.add(key + "@" + time);
                                    }
                                }
                            }
                        },
                        () -> false,
                        ProgressSink.NONE);
        rows.sort(null);
        return rows;
    }

    private static int find(ScanBounds bounds, Column keys, int row) {
        Column wanted = bounds.keys().getFirst();
        for (int k = 0; k < wanted.size(); k++) {
            if (bounds.orders().getFirst().compare(wanted, k, keys, row) == 0) {
                return k;
            }
        }
        return -1;
    }
}
