package dev.firn.gateway.operation;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.firn.events.TableCommit;
import dev.firn.events.TableHint;
import dev.firn.gateway.access.Caller;
import dev.firn.gateway.access.Kind;
import dev.firn.gateway.access.Right;
import dev.firn.gateway.http.Bodies;
import dev.firn.gateway.http.Call;
import dev.firn.gateway.http.EventStream;
import dev.firn.gateway.kafka.EventSender;
import dev.firn.gateway.kafka.Events;
import dev.firn.gateway.kafka.Recent;
import dev.firn.gateway.kafka.Subscription;
import dev.firn.gateway.problem.Problem;
import dev.firn.gateway.problem.Refusal;
import dev.firn.schemas.Code;
import dev.firn.schemas.EventJson;
import dev.firn.schemas.Topic;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/// Commits of tables, dead letters and hints.
public final class OperationCalls {
    private static final int OK = 200;

    private final EventSender sender;
    private final Events events;
    private final Recent<TableCommit> commits;
    private final Recent<DeadLetterNote> deadLetters;
    private final Bodies bodies;

    public OperationCalls(
            EventSender sender,
            Events events,
            Recent<TableCommit> commits,
            Recent<DeadLetterNote> deadLetters,
            Bodies bodies) {
        this.sender = sender;
        this.events = events;
        this.commits = commits;
        this.deadLetters = deadLetters;
        this.bodies = bodies;
    }

    /// The latest commits of the catalogs that the caller may read, the newest first.
    public List<TableCommit> commits(Caller caller) {
        return commits.newestFirst().stream()
                .filter(commit -> caller.may(Right.READ, Kind.CATALOG, commit.getCatalog()))
                .toList();
    }

    public void commits(Call call) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        ArrayNode items = json.putArray("items");
        commits(call.caller()).stream().limit(call.pageSize()).forEach(commit -> items.add(EventJson.tree(commit)));
        call.answer(OK, json);
    }

    public void followCommits(Call call, Duration heartbeat) throws IOException {
        try (Subscription live = events.subscribe(Events.COMMITS, EventStream.position(call))) {
            EventStream.open(call, live, heartbeat, "/commits")
                    .follow(
                            (caller, event) -> event instanceof TableCommit commit
                                    && caller.may(Right.READ, Kind.CATALOG, commit.getCatalog()),
                            _ -> false);
        }
    }

    /// The latest dead letters, the newest first. For administrators: a dead letter may be anybody's.
    ///
    /// @throws Refusal with 403 for others
    public List<DeadLetterNote> deadLetters(Caller caller) {
        if (!caller.isAdministrator()) {
            throw Refusal.of(Code.FORBIDDEN, "Only administrators of all views may see dead letters.");
        }
        return deadLetters.newestFirst();
    }

    public void deadLetters(Call call) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        ArrayNode items = json.putArray("items");
        deadLetters(call.caller()).stream().limit(call.pageSize()).forEach(note -> items.add(note.json()));
        call.answer(OK, json);
    }

    public void hint(Call call) throws IOException {
        TableHint hint = EventJson.read(TableHint.class, bodies.json(call));
        call.caller().require(Right.READ, Kind.CATALOG, hint.getCatalog());
        String table = "%s.%s.%s".formatted(hint.getCatalog(), hint.getSchema$(), hint.getTableName());
        sender.send(Topic.TABLE_HINTS, table, hint, call.eventHeaders());
        call.answer(Problem.ACCEPTED, JsonNodeFactory.instance.objectNode().put("table", table));
    }
}
