package dev.firn.lake.scan;

import java.util.EnumMap;
import java.util.Map;

/// Counts what was skipped, by reason. Thread-safe.
final class SkipCounts {
    private final Map<SkipReason, Skipped> counts = new EnumMap<>(SkipReason.class);

    void files(SkipReason reason, long files, long bytes) {
        add(reason, new Skipped(files, 0, 0, bytes));
    }

    void rowGroup(SkipReason reason, long bytes) {
        add(reason, new Skipped(0, 1, 0, bytes));
    }

    void pages(SkipReason reason, long pages, long bytes) {
        add(reason, new Skipped(0, 0, pages, bytes));
    }

    private synchronized void add(SkipReason reason, Skipped more) {
        if (!more.equals(Skipped.NOTHING)) {
            counts.merge(reason, more, Skipped::plus);
        }
    }

    synchronized Map<SkipReason, Skipped> byReason() {
        return Map.copyOf(counts);
    }
}
