package dev.firn.gateway.page;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.firn.events.StandingRetrieval;
import dev.firn.gateway.http.Call;
import dev.firn.gateway.retrieval.RecentRetrievals;
import dev.firn.gateway.retrieval.RetrievalCalls;
import dev.firn.gateway.standing.StandingCalls;
import dev.firn.schemas.EventJson;
import java.util.List;
import java.util.Map;

/// The standing retrievals, and one with its runs.
public final class StandingPages {
    /// The most standing retrievals that the page lists.
    static final int MAX_ROWS = 500;

    private static final String SECTION = "standing";

    private final Renderer renderer;
    private final StandingCalls.Registry registry;
    private final RetrievalCalls retrievals;

    public StandingPages(Renderer renderer, StandingCalls.Registry registry, RetrievalCalls retrievals) {
        this.renderer = renderer;
        this.registry = registry;
        this.retrievals = retrievals;
    }

    void list(Call call) {
        List<StandingRetrieval> all = registry.readable(call.caller());
        renderer.show(
                call,
                "standing.jte",
                "Standing retrievals",
                SECTION,
                Map.of("rows", all.stream().limit(MAX_ROWS).toList(), "found", all.size()));
    }

    void show(Call call) {
        StandingRetrieval standing = registry.readable(call.caller(), call.id("id"));
        List<RecentRetrievals.Note> runs = retrievals.recent(call.caller()).stream()
                .filter(note -> note.standingId().equals(standing.getStandingId()))
                .toList();
        renderer.show(
                call,
                "standing-one.jte",
                standing.getStandingId(),
                SECTION,
                Map.of(
                        "standing",
                        standing,
                        "runs",
                        runs,
                        "definition",
                        given(EventJson.tree(standing.getRetrieval())).toPrettyString()));
    }

    /// The fields that somebody gave: the others are null, empty or false.
    private static ObjectNode given(ObjectNode event) {
        ObjectNode given = JsonNodeFactory.instance.objectNode();
        event.properties().forEach(field -> {
            JsonNode value = field.getValue() instanceof ObjectNode nested ? given(nested) : field.getValue();
            boolean isLeftOut = value.isNull()
                    || (value.isContainerNode() && value.isEmpty())
                    || (value.isTextual() && value.asText().isEmpty())
                    || (value.isBoolean() && !value.asBoolean());
            if (!isLeftOut) {
                given.set(field.getKey(), value);
            }
        });
        return given;
    }
}
