package dev.firn.registration.view;

import dev.firn.events.FeatureView;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/// The state of a view, apart from its pending and answered requests.
///
/// @param record the registry's record; null if the view was never registered
/// @param nextSequence of the next accepted request; never reused
/// @param answeredIds request ids whose answers are kept, oldest first
/// @param standing standing retrievals that read the view, as older versions kept them; empty since
///     [ViewSubscribers] has a row for each
/// @param toldUpTo the standing retrieval that was told last about the record; null if all were
/// @param principal who asked for this version of the record, as the header of the request said; null if it said
///     nothing. It is not in the record itself, because pins hold whole records and results depend on their digests.
public record ViewEntry(
        @Nullable FeatureView record,
        long nextSequence,
        List<String> answeredIds,
        Set<String> standing,
        @Nullable String toldUpTo,
        @Nullable String principal) {
    static final ViewEntry NEW = new ViewEntry(null, 0, List.of(), Set.of(), null, null);

    public ViewEntry {
        answeredIds = List.copyOf(Objects.requireNonNullElse(answeredIds, List.of()));
        standing = Set.copyOf(Objects.requireNonNullElse(standing, Set.of()));
    }

    /// The view's entry in the store; [#NEW] if there is none.
    static ViewEntry in(KeyValueStore<String, ViewEntry> store, String view) {
        ViewEntry entry = store.get(view);
        return entry == null ? NEW : entry;
    }

    ViewEntry withRecord(@Nullable FeatureView newRecord) {
        return new ViewEntry(newRecord, nextSequence, answeredIds, standing, toldUpTo, principal);
    }

    ViewEntry withPrincipal(@Nullable String name) {
        return new ViewEntry(record, nextSequence, answeredIds, standing, toldUpTo, name);
    }

    ViewEntry withSequenceTaken() {
        return new ViewEntry(record, nextSequence + 1, answeredIds, standing, toldUpTo, principal);
    }

    ViewEntry withAnsweredIds(List<String> ids) {
        return new ViewEntry(record, nextSequence, ids, standing, toldUpTo, principal);
    }

    ViewEntry withToldUpTo(@Nullable String standingId) {
        return new ViewEntry(record, nextSequence, answeredIds, standing, standingId, principal);
    }

    ViewEntry withoutOldSubscribers() {
        return new ViewEntry(record, nextSequence, answeredIds, Set.of(), toldUpTo, principal);
    }

    /// The ids to keep and to forget once this one is answered.
    AnsweredIds answeredIdsWith(String requestId, int limit) {
        List<String> kept = new ArrayList<>(answeredIds);
        kept.remove(requestId);
        kept.add(requestId);
        int surplus = Math.max(0, kept.size() - limit);
        return new AnsweredIds(kept.subList(surplus, kept.size()), kept.subList(0, surplus));
    }

    record AnsweredIds(List<String> kept, List<String> forgotten) {
        AnsweredIds {
            kept = List.copyOf(kept);
            forgotten = List.copyOf(forgotten);
        }
    }
}
