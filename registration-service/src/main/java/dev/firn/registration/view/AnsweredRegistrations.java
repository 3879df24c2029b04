package dev.firn.registration.view;

import dev.firn.events.RegistrationResult;
import dev.firn.registration.command.ViewCommand;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/// The last answers of each view, so that a request that comes again gets the answer it had. Which ids have
/// one is in the view's entry, oldest first; so those that are too many are forgotten without a scan.
final class AnsweredRegistrations {
    private final KeyValueStore<String, AnsweredRequest> store;
    private final int maxPerView;

    AnsweredRegistrations(KeyValueStore<String, AnsweredRequest> store, int maxPerView) {
        this.store = store;
        this.maxPerView = maxPerView;
    }

    /// Null: there was no such request, or it is forgotten.
    @Nullable
    AnsweredRequest find(String view, String requestId) {
        return store.get(key(view, requestId));
    }

    /// @return the view's entry with the request's id in it
    ViewEntry remember(String view, ViewEntry entry, ViewCommand.Register command, RegistrationResult result) {
        String requestId = command.request().getRequestId();
        ViewEntry.AnsweredIds ids = entry.answeredIdsWith(requestId, maxPerView);
        store.put(key(view, requestId), new AnsweredRequest(command.digest(), result));
        ids.forgotten().forEach(id -> store.delete(key(view, id)));
        return entry.withAnsweredIds(ids.kept());
    }

    /// Whether the view has answers, and the last of them was given before `time`.
    boolean areOlderThan(String view, ViewEntry entry, Instant time) {
        if (entry.answeredIds().isEmpty()) {
            return false;
        }
        AnsweredRequest last = find(view, entry.answeredIds().getLast());
        return last == null || last.result().getAnsweredAt().isBefore(time);
    }

    /// @return the view's entry without ids
    ViewEntry forgetAll(String view, ViewEntry entry) {
        entry.answeredIds().forEach(id -> store.delete(key(view, id)));
        return entry.withAnsweredIds(List.of());
    }

    private static String key(String view, String requestId) {
        return view + "/" + requestId;
    }
}
