package dev.firn.registration;

import dev.firn.events.FeatureView;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.StandingRetrieval;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// All that the writer of a standing retrieval keeps of it.
///
/// @param record as published; null: nothing was created yet
/// @param views the views it reads, by name, as far as they were heard of
/// @param outstanding the run issued and not answered, word for word, so that issuing it again is the same request
/// @param waiting requests not answered yet, in order; the first may wait for its spine to be stored
/// @param answered requests that have their answer, oldest first
record StandingEntry(
        @Nullable StandingRetrieval record,
        Map<String, Heard> views,
        @Nullable RetrievalRequest outstanding,
        List<Waiting> waiting,
        List<Answered> answered) {
    static final int MAX_ANSWERED = 20;
    static final int MAX_WAITING = 20;
    static final StandingEntry NEW = new StandingEntry(null, Map.of(), null, List.of(), List.of());

    StandingEntry {
        views = Map.copyOf(Objects.requireNonNullElse(views, Map.of()));
        waiting = List.copyOf(Objects.requireNonNullElse(waiting, List.of()));
        answered = List.copyOf(Objects.requireNonNullElse(answered, List.of()));
    }

    /// @param yet whether the view's writer has told anything yet; `record` is null until then, and for no such view
    record Heard(boolean yet, @Nullable FeatureView record) {
        static final Heard NOTHING = new Heard(false, null);
    }

    record Waiting(StandingCommand.Ask ask, List<SavedHeader> headers, long acceptedAtMillis, int attempt) {
        Waiting {
            headers = List.copyOf(headers);
        }
    }

    record Answered(String requestId, String digest, RetrievalResult result) {}

    boolean hasHeardOfAll() {
        return views.values().stream().allMatch(Heard::yet);
    }

    StandingEntry withRecord(StandingRetrieval changed) {
        return new StandingEntry(changed, views, outstanding, waiting, answered);
    }

    StandingEntry withViews(Map<String, Heard> changed) {
        return new StandingEntry(record, changed, outstanding, waiting, answered);
    }

    StandingEntry withView(String view, Heard heard) {
        Map<String, Heard> changed = new TreeMap<>(views);
        changed.put(view, heard);
        return withViews(changed);
    }

    StandingEntry withOutstanding(@Nullable RetrievalRequest run) {
        return new StandingEntry(record, views, run, waiting, answered);
    }

    StandingEntry withWaiting(List<Waiting> changed) {
        return new StandingEntry(record, views, outstanding, changed, answered);
    }

    StandingEntry answering(Answered answer) {
        List<Answered> kept = new ArrayList<>(answered);
        kept.add(answer);
        return new StandingEntry(
                record,
                views,
                outstanding,
                waiting,
                kept.subList(Math.max(0, kept.size() - MAX_ANSWERED), kept.size()));
    }
}
