package dev.firn.gateway.kafka;

import dev.firn.events.RegistrationResult;
import dev.firn.events.RetrievalProgress;
import dev.firn.events.RetrievalResult;
import dev.firn.events.TableCommit;
import dev.firn.schemas.Ids;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;

/// Hands live events to whoever waits for them, and keeps the last progress of retrievals. Thread-safe.
///
/// Open a subscription before you send the request, so that its answer cannot be missed.
public final class Events {
    /// The id under which all table commits arrive.
    public static final String COMMITS = "/commits";

    private static final int PROGRESS_KEPT = 10_000;

    private final Map<String, Set<Subscription>> subscriptions = new ConcurrentHashMap<>();
    private final Map<String, RetrievalProgress> progress = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, RetrievalProgress> eldest) {
            return size() > PROGRESS_KEPT;
        }
    };

    /// Events about the id of a request or a standing retrieval, from now on.
    public Subscription subscribe(String id) {
        Subscription[] self = new Subscription[1];
        Subscription subscription = new Subscription(() -> subscriptions.computeIfPresent(id, (_, all) -> {
            all.remove(self[0]);
            return all.isEmpty() ? null : all;
        }));
        self[0] = subscription;
        subscriptions.compute(id, (_, all) -> {
            Set<Subscription> set = all == null ? ConcurrentHashMap.newKeySet() : all;
            set.add(subscription);
            return set;
        });
        return subscription;
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

    void arrived(SpecificRecord event) {
        ids(event)
                .distinct()
                .forEach(id ->
                        subscriptions.getOrDefault(id, Set.of()).forEach(subscription -> subscription.offer(event)));
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
