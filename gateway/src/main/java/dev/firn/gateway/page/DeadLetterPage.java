package dev.firn.gateway.page;

import dev.firn.gateway.http.Call;
import dev.firn.gateway.operation.DeadLetterNote;
import dev.firn.gateway.operation.OperationCalls;
import java.util.List;
import java.util.Map;

/// The latest records that could not be read.
public final class DeadLetterPage {
    /// The most dead letters that the page lists.
    static final int MAX_ROWS = 200;

    private final Renderer renderer;
    private final OperationCalls operations;

    public DeadLetterPage(Renderer renderer, OperationCalls operations) {
        this.renderer = renderer;
        this.operations = operations;
    }

    void list(Call call) {
        List<DeadLetterNote> notes = operations.deadLetters(call.caller());
        renderer.show(
                call,
                "dead-letters.jte",
                "Dead letters",
                "dead-letters",
                Map.of("notes", notes.stream().limit(MAX_ROWS).toList(), "known", notes.size()));
    }
}
