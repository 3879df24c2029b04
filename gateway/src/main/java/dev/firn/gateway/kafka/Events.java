package dev.firn.gateway.kafka;

import dev.firn.events.RegistrationResult;
import dev.firn.events.RetrievalProgress;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.events.TableCommit;
import dev.firn.schemas.Code;
import dev.firn.schemas.Ids;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;

/// Hands live events to whoever waits for them, and keeps the latest of them, and the last progress of retrievals.
/// Thread-safe.
///
/// **Positions.** Events are numbered as they arrive here; a position is a number with the name of this run of the
/// gateway. Another gateway has other numbers, so it takes such a position for a gap.
///
/// Open a subscription before you send the request, so that its answer cannot be missed.
public final class Events {
    /// The id under which all table commits arrive.
    public static final String COMMITS = "/commits";

    private static final int PROGRESS_KEPT = 10_000;

    private static final Pattern POSITION = Pattern.compile("([0-9a-f]{8})-(\\d{1,18})");
    private static final long FAILURE_NANOS = Duration.ofMinutes(1).toNanos();

    /// Guards the log, and who gets an event: a subscription gets each after its position once.
    private final ReentrantLock lock = new ReentrantLock();
    private final EventLog log;
    private volatile long last;
    private final Subscription.Positions positions =
            new Subscription.Positions(UUID.randomUUID().toString().substring(0, 8), () -> last);
    private final Map<String, Set<Subscription>> subscriptions = new ConcurrentHashMap<>();
    private final Map<String, RetrievalProgress> progress = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, RetrievalProgress> eldest) {
            return size() > PROGRESS_KEPT;
        }
    };

    /// @param keptBytes of the latest events, for streams that go on
    public Events(long keptBytes) {
        this.log = new EventLog(keptBytes);
    }

    /// Events about the id of a request or a standing retrieval, from now on.
    public Subscription subscribe(String id) {
        return subscribe(id, Optional.empty());
    }

    /// Events about an id, from a position on that an earlier subscription has told; from now on without one. If events
    /// after the position are not kept any more, or another gateway has told it, the subscription begins with
    /// a gap.
    public Subscription subscribe(String id, Optional<String> position) {
        return subscribe(id, position, 0);
    }

    /// The same, without the events up to a given one: those are about a request that had the id before.
    public Subscription subscribe(String id, Optional<String> position, long before) {
        lock.lock();
        try {
            OptionalLong after = position.map(this::number).orElse(OptionalLong.of(log.last()));
            long start = Math.max(after.orElse(log.last()), log.dropped());
            boolean missed = after.isEmpty() || after.getAsLong() < start;
            Subscription[] self = new Subscription[1];
            Subscription subscription = new Subscription(
                    positions, missed, start, log.after(Math.max(start, before), id), () -> closed(id, self[0]));
            self[0] = subscription;
            subscriptions
                    .computeIfAbsent(id, _ -> ConcurrentHashMap.newKeySet())
                    .add(subscription);
            return subscription;
        } finally {
            lock.unlock();
        }
    }

    /// The event that a position names; empty if it is not one of this gateway.
    private OptionalLong number(String position) {
        Matcher found = POSITION.matcher(position);
        if (!found.matches() || !found.group(1).equals(positions.gateway())) {
            return OptionalLong.empty();
        }
        long number = Long.parseLong(found.group(2));
        return number > log.last() ? OptionalLong.empty() : OptionalLong.of(number);
    }

    private void closed(String id, Subscription subscription) {
        lock.lock();
        try {
            Set<Subscription> all = subscriptions.getOrDefault(id, Set.of());
            all.remove(subscription);
            if (all.isEmpty()) {
                subscriptions.remove(id);
            }
        } finally {
            lock.unlock();
        }
    }

    /// The newest event so far.
    public long last() {
        return last;
    }

    /// The failure that was announced last about a request, not long ago and after a given event, if nothing has been
    /// heard of the request since. One that was refused before it ran has no other trace.
    public Optional<RetrievalResult> failure(String requestId, long after) {
        lock.lock();
        try {
            return log.newest(requestId)
                    .filter(entry -> entry.number() > after && System.nanoTime() - entry.nanos() < FAILURE_NANOS)
                    .map(EventLog.Entry::event)
                    .filter(RetrievalResult.class::isInstance)
                    .map(RetrievalResult.class::cast)
                    .filter(result -> result.getRequestId().equals(requestId)
                            && result.getStatus() == RetrievalStatus.FAILED
                            && !result.getCode().equals(Code.REQUEST_ID_REUSED.name()));
        } finally {
            lock.unlock();
        }
    }

    /// How many subscriptions are open.
    public int open() {
        return subscriptions.values().stream().mapToInt(Set::size).sum();
    }

    /// The last progress of a request that was seen.
    public Optional<RetrievalProgress> progress(String requestId) {
        synchronized (progress) {
            return Optional.ofNullable(progress.get(requestId));
        }
    }

    /// Whether an event is about the standing retrieval. Its id may also be that of a request, which somebody else may
    /// have sent: that one's events arrive at the same subscription and are not about the standing retrieval.
    public static boolean isAboutStanding(SpecificRecord event, String standingId) {
        return switch (event) {
            case RetrievalResult result -> standingId.equals(result.getStandingId());
            case RetrievalProgress step ->
                Ids.isRunId(step.getRequestId())
                        && standingId(step.getRequestId()).equals(standingId);
            default -> false;
        };
    }

    /// @param valueBytes of the event as it was encoded
    public void arrived(SpecificRecord event, int valueBytes) {
        lock.lock();
        try {
            EventLog.Entry entry = log.add(event, ids(event).distinct().toList(), valueBytes);
            for (String id : entry.ids()) {
                subscriptions.getOrDefault(id, Set.of()).forEach(subscription -> subscription.offer(entry));
            }
            // only now: who has read up to here has got everything
            last = entry.number();
        } finally {
            lock.unlock();
        }
        if (event instanceof RetrievalProgress latest) {
            synchronized (progress) {
                progress.remove(latest.getRequestId());
                progress.put(latest.getRequestId(), latest);
            }
        }
    }

    private static Stream<String> ids(SpecificRecord event) {
        return switch (event) {
            case RegistrationResult result -> Stream.of(result.getRequestId());
            case RetrievalResult result ->
                Stream.concat(Stream.of(result.getRequestId()), Stream.ofNullable(result.getStandingId()));
            case RetrievalProgress step -> idsOf(step).stream();
            case TableCommit _ -> Stream.of(COMMITS);
            default -> Stream.empty();
        };
    }

    /// Progress of a run is about its standing retrieval too: a run's id begins with the standing id.
    private static List<String> idsOf(RetrievalProgress step) {
        String id = step.getRequestId();
        return Ids.isRunId(id) ? List.of(id, standingId(id)) : List.of(id);
    }

    private static String standingId(String runId) {
        return runId.substring(0, runId.lastIndexOf('.', runId.lastIndexOf('.') - 1));
    }
}
