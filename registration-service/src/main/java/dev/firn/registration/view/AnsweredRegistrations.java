package dev.firn.registration.view;

import dev.firn.events.RegistrationResult;
import dev.firn.registration.command.ViewCommand;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/// The last answers of each view, so that a request that is sent again gets the same answer. The view's entry lists
/// their ids, oldest first, so that forgetting the surplus needs no scan.
final class AnsweredRegistrations {
    private final KeyValueStore<String, AnsweredRequest> store;
    private final int maxPerView;

    AnsweredRegistrations(KeyValueStore<String, AnsweredRequest> store, int maxPerView) {
        this.store = store;
        this.maxPerView = maxPerView;
    }

    /// Null if there was no such request, or it is forgotten.
    @Nullable
    AnsweredRequest find(String view, String requestId) {
        return store.get(key(view, requestId));
    }

    /// @return the view's entry with the request's id
    ViewEntry remember(String view, ViewEntry entry, ViewCommand.Register command, RegistrationResult result) {
        String requestId = command.request().getRequestId();
        ViewEntry.AnsweredIds ids = entry.answeredIdsWith(requestId, maxPerView);
        store.put(key(view, requestId), new AnsweredRequest(command.digest(), result));
        ids.forgotten().forEach(id -> store.delete(key(view, id)));
        return entry.withAnsweredIds(ids.kept());
    }

    /// Whether the view has answers, all of them older than `time`.
    boolean areOlderThan(String view, ViewEntry entry, Instant time) {
        if (entry.answeredIds().isEmpty()) {
            return false;
        }
        AnsweredRequest last = find(view, entry.answeredIds().getLast());
        return last == null || last.result().getAnsweredAt().isBefore(time);
    }

    /// @return the view's entry without answered ids
    ViewEntry forgetAll(String view, ViewEntry entry) {
        entry.answeredIds().forEach(id -> store.delete(key(view, id)));
        return entry.withAnsweredIds(List.of());
    }

    private static String key(String view, String requestId) {
        return view + "/" + requestId;
    }
}
