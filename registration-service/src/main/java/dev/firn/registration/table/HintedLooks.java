package dev.firn.registration.table;

import dev.firn.registration.hint.Hint;
import dev.firn.registration.hint.HintBoard;
import dev.firn.registration.meter.RegistryMeters;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Looks that hints of other systems ask for. In memory only; owned by the stream thread.
///
/// However many hints come, a table is looked at because of them at most once in an interval. A metadata file
/// is written before the catalog names it, and its notification may be faster than the commit. So if a look
/// after one does not show that file, it is repeated a few times. Repeats begin at most once in an interval too.
final class HintedLooks {
    private static final List<Duration> REPEATS =
            List.of(Duration.ofMillis(250), Duration.ofSeconds(1), Duration.ofSeconds(4));

    private final HintBoard.Inbox inbox;
    private final TableEntries tables;
    private final LookSchedule schedule;
    private final long intervalMillis;
    private final RegistryMeters meters;
    /// The latest look that was asked for; it may lie ahead.
    private final Map<String, Long> askedForMillis = new HashMap<>();
    /// Of tables whose catalog may not have the commit yet.
    private final Map<String, Awaited> awaited = new HashMap<>();

    /// The file that was heard of last.
    ///
    /// @param isNew whether the look that it asked for has not ended
    /// @param repeats looks that were repeated so far
    private record Awaited(Hint.Written file, boolean isNew, int repeats) {}

    HintedLooks(
            HintBoard.Inbox inbox,
            TableEntries tables,
            LookSchedule schedule,
            Duration interval,
            RegistryMeters meters) {
        this.inbox = inbox;
        this.tables = tables;
        this.schedule = schedule;
        this.intervalMillis = interval.toMillis();
        this.meters = meters;
    }

    /// Makes the tables due that the unread hints mean.
    void drain(long now) {
        inbox.drain(hint -> {
            for (String table : tables.meantBy(hint)) {
                meters.hinted();
                switch (hint) {
                    case Hint.Named named -> lookSoon(table, now);
                    case Hint.Written written -> {
                        if (!isKnown(table, written)) {
                            awaited.merge(
                                    table,
                                    new Awaited(written, true, 0),
                                    (before, _) -> new Awaited(written, true, before.repeats()));
                            lookSoon(table, now);
                        }
                    }
                }
            }
        });
    }

    private boolean isKnown(String table, Hint.Written written) {
        TableEntry entry = tables.find(table);
        return entry != null
                && entry.refs().values().stream()
                        .allMatch(ref -> ref.metadataLocation() != null
                                && Hint.Written.at(ref.metadataLocation()).equals(written));
    }

    private void lookSoon(String table, long now) {
        Long asked = askedForMillis.get(table);
        long at;
        if (asked == null) {
            at = now;
        } else if (asked > now) {
            at = asked; // the look that is due then will see what this hint means
        } else {
            at = Math.max(now, asked + intervalMillis);
        }
        askedForMillis.put(table, at);
        schedule.lookBy(table, at);
    }

    /// A look has shown the table.
    void looked(String table, long now) {
        Awaited last = awaited.remove(table);
        if (last == null || isKnown(table, last.file())) {
            return;
        }
        boolean wasAskedFor = askedForMillis.getOrDefault(table, now) <= now;
        boolean isNew = last.isNew() && !wasAskedFor;
        int made = last.isNew() && wasAskedFor ? 0 : last.repeats();
        if (made < REPEATS.size()) {
            awaited.put(table, new Awaited(last.file(), isNew, made + 1));
            schedule.lookBy(table, now + REPEATS.get(made).toMillis());
        } else if (isNew) {
            awaited.put(table, last);
        }
    }

    /// The table is no longer watched.
    void remove(String table) {
        askedForMillis.remove(table);
        awaited.remove(table);
    }

    void close() {
        inbox.close();
    }
}
