package dev.firn.chaos.run;

import dev.firn.chaos.store.Holds.Hold;
import dev.firn.chaos.store.Holds.When;
import dev.firn.events.RetrievalRequest;
import dev.firn.testkit.Waiting;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/// Six retrievals of the only worker, each held in another phase of its way.
final class HeldWorker {
    private final Map<Phase, Hold> holds = new EnumMap<>(Phase.class);
    private final Map<String, RetrievalRequest> requests = new LinkedHashMap<>();

    /// Where a retrieval stands still: at a request to the store, which was executed.
    enum Phase {
        /// A claim is the first JSON file of a request.
        CLAIMED("PUT", ".json"),
        SPINE_READ("GET", ".csv"),
        TABLE_READ("GET", ".parquet"),
        PART_WRITTEN("PUT", ".parquet"),
        /// The manifest is there, and the worker does not know.
        DECIDED("PUT", "_manifest.json"),
        /// The worker learns of its manifest just before something happens to it.
        ANNOUNCING("PUT", "_manifest.json");

        private final String method;
        private final String pathEnd;

        Phase(String method, String pathEnd) {
            this.method = method;
            this.pathEnd = pathEnd;
        }
    }

    /// @param when whether the held requests are executed before or after they are released
    HeldWorker(ChaosRun run, When when) {
        for (Phase phase : Phase.values()) {
            String id = run.id(phase.name().toLowerCase(Locale.ROOT));
            String view = phase == Phase.TABLE_READ ? ChaosRun.HELD_VIEW : ChaosRun.VIEW;
            String path = phase == Phase.TABLE_READ ? "/" + ChaosRun.HELD_VIEW + "-" : "/" + id;
            requests.put(id, run.retrieval(id, view).build());
            holds.put(phase, run.deployment.store.holds().next(phase.method, path, phase.pathEnd, when));
        }
        requests.values().forEach(run.conversation::ask);
    }

    Map<String, RetrievalRequest> requests() {
        return requests;
    }

    void awaitHeld() {
        List<Phase> missing = new ArrayList<>();
        try {
            Waiting.until(
                    Conversation.LIMIT,
                    () -> {
                        missing.clear();
                        holds.forEach((phase, hold) -> {
                            if (!hold.isReached()) {
                                missing.add(phase);
                            }
                        });
                        return missing.isEmpty();
                    },
                    "all phases");
        } catch (AssertionError e) {
            throw new AssertionError("the worker did not come to " + missing, e);
        }
    }

    void release(Phase phase) {
        Objects.requireNonNull(holds.get(phase)).release();
    }

    void releaseAll() {
        holds.values().forEach(Hold::release);
    }
}
