package dev.firn.registration.meter;

import dev.firn.events.StandingStatus;
import dev.firn.events.ViewStatus;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/// How many of a partition's views or standing retrievals have which status. Not thread-safe.
public final class StatusCounts<S extends Enum<S>> implements AutoCloseable {
    private final Map<String, S> statuses = new HashMap<>();
    private final Map<S, Integer> counts;
    private final Map<S, Share> shares;
    private final Function<S, Share> opened;

    private StatusCounts(Class<S> type, Function<S, Share> opened) {
        this.counts = new EnumMap<>(type);
        this.shares = new EnumMap<>(type);
        this.opened = opened;
    }

    public static StatusCounts<ViewStatus> ofViews(RegistryMeters meters) {
        return new StatusCounts<>(ViewStatus.class, meters::views);
    }

    public static StatusCounts<StandingStatus> ofStanding(RegistryMeters meters) {
        return new StatusCounts<>(StandingStatus.class, meters::standing);
    }

    /// The name has this status from now on.
    public void set(String name, S status) {
        S before = statuses.put(name, status);
        if (before != status) {
            if (before != null) {
                adjust(before, -1);
            }
            adjust(status, 1);
        }
    }

    /// All but those of that status.
    public int countWithout(S ended) {
        return statuses.size() - counts.getOrDefault(ended, 0);
    }

    private void adjust(S status, int change) {
        shares.computeIfAbsent(status, opened).set(counts.merge(status, change, Integer::sum));
    }

    @Override
    public void close() {
        shares.values().forEach(Share::close);
    }
}
