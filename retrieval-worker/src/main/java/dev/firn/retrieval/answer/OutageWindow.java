package dev.firn.retrieval.answer;

import dev.firn.retrieval.job.Progress;
import java.time.Duration;
import java.util.function.LongSupplier;

/// Decides after an outage whether the attempt has another try.
///
/// The time counts from the first fault after data was read or written, because that shows that the neighbours were
/// there: a job may work for hours, and meet an outage of up to the limit at any moment. So that a fault that comes
/// back at the same place does not go on for ever, the tries that got so far are counted too. [#watching] may be called
/// by several threads, the rest by one.
final class OutageWindow {
    private final Duration limit;
    private final int maxTries;
    private final LongSupplier nanos;
    private volatile boolean progressed;
    private boolean open;
    private long sinceNanos;
    private int triesWithProgress;

    OutageWindow(Duration limit, int maxTries, LongSupplier nanos) {
        this.limit = limit;
        this.maxTries = maxTries;
        this.nanos = nanos;
    }

    /// Notices the progress of a try.
    Progress watching(Progress progress) {
        return (stage, view, done, total, unit) -> {
            if (done > 0) {
                progressed = true;
            }
            progress.report(stage, view, done, total, unit);
        };
    }

    /// Whether the last try read or wrote data. Holds until [#allowsAnotherTry].
    boolean hasProgressed() {
        return progressed;
    }

    /// Takes note of a fault that ended a try.
    boolean allowsAnotherTry() {
        long now = nanos.getAsLong();
        if (progressed || !open) {
            sinceNanos = now;
            open = true;
        }
        if (progressed) {
            triesWithProgress++;
            progressed = false;
        }
        return triesWithProgress < maxTries && now - sinceNanos < limit.toNanos();
    }
}
