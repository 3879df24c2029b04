package dev.firn.registration.table;

import dev.firn.config.FirnConfig;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/// When each table is due, and which looks are in flight. In memory only; owned by the stream thread.
final class LookSchedule {
    private static final double JITTER = 0.2;

    private final FirnConfig.Refresh settings;
    private final RandomGenerator random;
    private final Map<String, Long> dueAtMillis = new HashMap<>();
    private final Map<String, Flight> flights = new HashMap<>();
    private final Map<String, Long> lookedAtMillis = new HashMap<>();
    private long lastNumber;

    LookSchedule(FirnConfig.Refresh settings, RandomGenerator random) {
        this.settings = settings;
        this.random = random;
    }

    /// @param number distinguishes this look from earlier ones at the table
    /// @param isToRepeat whether a hint or a watcher came while the look was in flight
    private record Flight(long number, long startedAtMillis, boolean isToRepeat) {}

    /// Makes the table due at `now`, or right after the look in flight.
    void lookNow(String table, long now) {
        lookAt(table, now, now);
    }

    /// Makes the table due a poll interval from `now`, or right after the look in flight.
    void lookLater(String table, long now) {
        lookAt(table, nextPoll(now), now);
    }

    private void lookAt(String table, long atMillis, long now) {
        lookedAtMillis.putIfAbsent(table, now);
        Flight flight = flights.get(table);
        if (flight != null) {
            flights.put(table, new Flight(flight.number(), flight.startedAtMillis(), true));
        }
        dueAtMillis.merge(table, atMillis, Math::min);
    }

    /// Makes the table due at that time at the latest. A look in flight ends first.
    void lookBy(String table, long atMillis) {
        dueAtMillis.merge(table, atMillis, Math::min);
    }

    /// A look in flight stays in flight; its results find no table.
    void remove(String table) {
        dueAtMillis.remove(table);
        lookedAtMillis.remove(table);
    }

    /// A look has shown the table.
    void looked(String table, long now) {
        lookedAtMillis.replace(table, now);
    }

    /// Tables that are watched.
    int tables() {
        return lookedAtMillis.size();
    }

    /// How long ago the table was looked at that has waited longest. A new one counts as looked at.
    long longestWithoutLookMillis(long now) {
        return now - lookedAtMillis.values().stream().mapToLong(at -> at).min().orElse(now);
    }

    /// Tables that are due and have no look in flight. The longest overdue come first, so that each gets its turn while
    /// the pool is behind.
    List<String> due(long now) {
        return dueAtMillis.entrySet().stream()
                .filter(due -> due.getValue() <= now && !flights.containsKey(due.getKey()))
                .sorted(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey)
                .toList();
    }

    /// Looks in flight.
    int inFlight() {
        return flights.size();
    }

    long nextNumber() {
        return ++lastNumber;
    }

    /// The look has started; the next one is due a poll interval later.
    void started(String table, long number, long now) {
        flights.put(table, new Flight(number, now, false));
        dueAtMillis.put(table, nextPoll(now));
    }

    /// The look has ended. Does nothing if it was given up in the meantime.
    void ended(String table, long number, long now) {
        Flight flight = flights.get(table);
        if (flight != null && flight.number() == number) {
            flights.remove(table);
            if (flight.isToRepeat()) {
                dueAtMillis.put(table, now);
            }
        }
    }

    /// Stops waiting for looks that take longer than the poll timeout.
    ///
    /// @return their tables
    List<String> giveUpLateLooks(long now) {
        long limit = settings.pollTimeout().toMillis();
        List<String> late = flights.entrySet().stream()
                .filter(flight -> now - flight.getValue().startedAtMillis() > limit)
                .map(Map.Entry::getKey)
                .toList();
        late.forEach(flights::remove);
        return late;
    }

    private long nextPoll(long now) {
        long interval = settings.pollInterval().toMillis();
        return now + Math.round(interval * (1 + JITTER * (2 * random.nextDouble() - 1)));
    }
}
