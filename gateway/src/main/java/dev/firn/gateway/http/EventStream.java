package dev.firn.gateway.http;

import dev.firn.gateway.access.Caller;
import dev.firn.gateway.kafka.Subscription;
import dev.firn.schemas.EventJson;
import jakarta.servlet.ServletOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import org.apache.avro.specific.SpecificRecord;

/// Server-sent events: one per event, named after its type, with the event in JSON. A comment at each heartbeat finds
/// out whether the client is still there.
///
/// The id of an event is a position in the stream. Each comment has one too, so that a client that connects again is
/// behind by a heartbeat at most, however rare its events are. Where events may be missing, an event `Gap` says so and
/// names the path of the state that they have led to.
public final class EventStream {
    private static final String END = "end";
    private static final int NO_CONTENT = 204;

    private final Call call;
    private final ServletOutputStream out;
    private final Subscription subscription;
    private final Duration heartbeat;
    private final String state;
    private Caller caller;
    private long recognised = System.nanoTime();

    private EventStream(
            Call call, ServletOutputStream out, Subscription subscription, Duration heartbeat, String state) {
        this.call = call;
        this.out = out;
        this.subscription = subscription;
        this.heartbeat = heartbeat;
        this.state = state;
        this.caller = call.caller();
    }

    /// What a client that connects again has got last: `Last-Event-ID`.
    public static Optional<String> position(Call call) {
        return call.header("Last-Event-ID");
    }

    /// Answers a client that has got all of a stream that has an end: it need not connect again.
    ///
    /// @return whether it is one
    public static boolean isOver(Call call) {
        boolean isOver = position(call).filter(END::equals).isPresent();
        if (isOver) {
            call.http().status(NO_CONTENT);
        }
        return isOver;
    }

    /// @param state the path that shows what events may have said that the client has missed
    public static EventStream open(Call call, Subscription subscription, Duration heartbeat, String state)
            throws IOException {
        call.http().status(200);
        call.http().contentType("text/event-stream");
        call.http().header("Cache-Control", "no-store");
        EventStream stream = new EventStream(call, call.http().res().getOutputStream(), subscription, heartbeat, state);
        stream.write(": open\nid: %s\n\n".formatted(subscription.start()));
        return stream;
    }

    /// Sends what is wanted of the subscription, until the client goes away or an event comes for which `isLast` holds,
    /// wanted or not. Or until the caller is no longer recognised: a stream may be open for longer than a
    /// token is valid.
    ///
    /// @param isWanted whether the caller, with the rights that it has by then, gets an event
    /// @return the last event
    public Optional<SpecificRecord> follow(
            BiPredicate<Caller, SpecificRecord> isWanted, Predicate<SpecificRecord> isLast) throws IOException {
        while (!call.isHead() && !Thread.currentThread().isInterrupted()) {
            Subscription.Step step = subscription.step(heartbeat);
            recognise();
            if (step.isGap()) {
                write("event: Gap\nid: %s\ndata: {\"state\":\"%s\"}\n\n".formatted(step.id(), state));
                continue;
            }
            Optional<SpecificRecord> event = step.event();
            if (event.isEmpty()) {
                write(": still here\nid: %s\n\n".formatted(step.id()));
                continue;
            }
            boolean isTheLast = isLast.test(event.get());
            if (isWanted.test(caller, event.get())) {
                send(event.get(), step.id());
            }
            if (isTheLast) {
                return event;
            }
        }
        return Optional.empty();
    }

    /// Once in each heartbeat: to verify a token takes longer than to send an event.
    private void recognise() {
        long now = System.nanoTime();
        if (now - recognised >= heartbeat.toNanos()) {
            caller = call.recognisedAgain();
            recognised = now;
        }
    }

    /// Sends what was before the subscription.
    public void begin(SpecificRecord event) throws IOException {
        send(event, subscription.start());
    }

    /// Sends the last event: after it nothing comes.
    public void end(SpecificRecord event) throws IOException {
        send(event, END);
    }

    /// The event's JSON is on one line, so it needs one `data` field.
    private void send(SpecificRecord event, String id) throws IOException {
        write("event: %s\nid: %s\ndata: %s\n\n".formatted(event.getSchema().getName(), id, EventJson.write(event)));
    }

    private void write(String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
        out.flush();
    }
}
