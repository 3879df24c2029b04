package dev.firn.registration.standing;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.firn.events.FeatureView;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.StandingRetrieval;
import dev.firn.registration.command.StandingCommand;
import dev.firn.registration.state.SavedHeader;
import dev.firn.schemas.Limits;
import dev.firn.service.event.EventSize;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/// The state of a standing retrieval.
///
/// @param record as published; null until it is created
/// @param views the views that it reads, by name
/// @param tables the refs of tables that it follows itself
/// @param outstanding the run that was issued but not answered, word for word, so that issuing it again is the
///     same request
/// @param waiting requests not answered yet, in order; the first may be waiting for its spine to be stored
/// @param answered the last answered requests, oldest first
public record StandingEntry(
        @Nullable StandingRetrieval record,
        Map<String, SubscribedView> views,
        List<FollowedTable> tables,
        @Nullable RetrievalRequest outstanding,
        List<PendingRequest> waiting,
        List<Answered> answered) {
    static final int MAX_ANSWERED = 20;
    static final int MAX_WAITING = 20;
    static final int MAX_WAITING_BYTES = 2 * Limits.EVENT_BYTES;
    static final StandingEntry NEW = new StandingEntry(null, Map.of(), List.of(), null, List.of(), List.of());

    public StandingEntry {
        views = Map.copyOf(Objects.requireNonNullElse(views, Map.of()));
        tables = List.copyOf(Objects.requireNonNullElse(tables, List.of()));
        waiting = List.copyOf(Objects.requireNonNullElse(waiting, List.of()));
        answered = List.copyOf(Objects.requireNonNullElse(answered, List.of()));
    }

    /// The entry in the store; [#NEW] if there is none.
    static StandingEntry in(KeyValueStore<String, StandingEntry> store, String id) {
        StandingEntry entry = store.get(id);
        return entry == null ? NEW : entry;
    }

    /// A view as its writer last reported it. Only an outline is kept if the views are too large together.
    ///
    /// @param isReported whether its writer has reported it yet
    /// @param record null until then, or if there is no such view
    /// @param cutBytes size of the whole view if only an outline is kept, else 0
    record SubscribedView(
            @JsonProperty("yet") boolean isReported,
            @Nullable FeatureView record,
            int cutBytes) {
        static final SubscribedView NOT_REPORTED = new SubscribedView(false, null, 0);

        static SubscribedView of(@Nullable FeatureView record) {
            return new SubscribedView(true, record, 0);
        }

        boolean isCut() {
            return cutBytes > 0;
        }

        /// Size of the whole view.
        int bytes() {
            return isCut() || record == null ? cutBytes : EventSize.of(record);
        }

        SubscribedView outline() {
            return record == null
                    ? this
                    : new SubscribedView(
                            isReported,
                            FeatureView.newBuilder(record)
                                    .setReasons(List.of())
                                    .setEntities(List.of())
                                    .setFeatures(List.of())
                                    .setDescription("")
                                    .setOwner("")
                                    .setTags(Map.of())
                                    .build(),
                            bytes());
        }
    }

    /// Size of the views that are kept whole.
    private int keptBytes() {
        return views.values().stream()
                .mapToInt(heard -> heard.isCut() ? 0 : heard.bytes())
                .sum();
    }

    /// Size of all waiting requests.
    private int waitingBytes() {
        return waiting.stream()
                .mapToInt(one -> EventSize.of(one.ask().request()))
                .sum();
    }

    boolean isFull(StandingCommand.Ask another) {
        return waiting.size() >= MAX_WAITING || waitingBytes() + EventSize.of(another.request()) > MAX_WAITING_BYTES;
    }

    /// The answer to the same request; null if there is none or it is forgotten.
    @Nullable
    Answered answerOf(StandingCommand.Ask ask) {
        for (Answered one : answered) {
            if (one.requestId().equals(ask.request().getRequestId())
                    && one.digest().equals(ask.digest())) {
                return one;
            }
        }
        return null;
    }

    /// Whether the same request is waiting.
    boolean isWaiting(StandingCommand.Ask ask) {
        return waiting.stream()
                .map(PendingRequest::ask)
                .anyMatch(
                        one -> one.request().getRequestId().equals(ask.request().getRequestId())
                                && one.digest().equals(ask.digest()));
    }

    /// Views that are kept as outlines and would now fit as a whole.
    List<String> viewsThatFitAgain() {
        int kept = keptBytes();
        List<String> fitting = new ArrayList<>();
        for (Map.Entry<String, SubscribedView> view : new TreeMap<>(views).entrySet()) {
            int bytes = view.getValue().cutBytes();
            if (bytes > 0 && kept + bytes <= Limits.EVENT_BYTES) {
                kept += bytes;
                fitting.add(view.getKey());
            }
        }
        return fitting;
    }

    /// @param attempt writes of its spine started so far
    record PendingRequest(StandingCommand.Ask ask, List<SavedHeader> headers, long acceptedAtMillis, int attempt) {
        PendingRequest {
            headers = List.copyOf(headers);
        }

        PendingRequest attempted() {
            return new PendingRequest(ask, headers, acceptedAtMillis, attempt + 1);
        }
    }

    record Answered(String requestId, String digest, RetrievalResult result) {}

    boolean knowsAllInputs() {
        return views.values().stream().allMatch(SubscribedView::isReported)
                && tables.stream().allMatch(FollowedTable::isReported);
    }

    /// What is known of the ref; empty if it is not followed.
    Optional<FollowedTable> table(FollowedTable.TableRef at) {
        return tables.stream().filter(table -> table.at().equals(at)).findFirst();
    }

    StandingEntry withTables(List<FollowedTable> changed) {
        return new StandingEntry(record, views, changed, outstanding, waiting, answered);
    }

    StandingEntry withTable(FollowedTable reported) {
        return withTables(tables.stream()
                .map(table -> table.at().equals(reported.at()) ? reported : table)
                .toList());
    }

    StandingEntry withRecord(StandingRetrieval changed) {
        return new StandingEntry(changed, views, tables, outstanding, waiting, answered);
    }

    StandingEntry withViews(Map<String, SubscribedView> changed) {
        return new StandingEntry(record, changed, tables, outstanding, waiting, answered);
    }

    StandingEntry withView(String view, @Nullable FeatureView reported) {
        Map<String, SubscribedView> changed = new TreeMap<>(views);
        changed.put(view, SubscribedView.of(reported));
        StandingEntry after = withViews(changed);
        if (after.keptBytes() <= Limits.EVENT_BYTES) {
            return after;
        }
        changed.put(view, SubscribedView.of(reported).outline());
        return withViews(changed);
    }

    StandingEntry withOutstanding(@Nullable RetrievalRequest run) {
        return new StandingEntry(record, views, tables, run, waiting, answered);
    }

    /// The request to answer next; null if none is waiting.
    @Nullable
    PendingRequest head() {
        return waiting.isEmpty() ? null : waiting.getFirst();
    }

    StandingEntry withHead(PendingRequest changed) {
        List<PendingRequest> all = new ArrayList<>(waiting);
        all.set(0, changed);
        return withWaiting(all);
    }

    StandingEntry withoutHead() {
        return withWaiting(waiting.subList(1, waiting.size()));
    }

    /// Adds a request at the end of the queue.
    StandingEntry withQueued(PendingRequest another) {
        List<PendingRequest> all = new ArrayList<>(waiting);
        all.add(another);
        return withWaiting(all);
    }

    private StandingEntry withWaiting(List<PendingRequest> changed) {
        return new StandingEntry(record, views, tables, outstanding, changed, answered);
    }

    StandingEntry withAnswer(Answered answer) {
        List<Answered> kept = new ArrayList<>(answered);
        kept.add(answer);
        return new StandingEntry(
                record,
                views,
                tables,
                outstanding,
                waiting,
                kept.subList(Math.max(0, kept.size() - MAX_ANSWERED), kept.size()));
    }
}
