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
public final class EventStream {
    private final Call call;
    private final ServletOutputStream out;
    private final Duration heartbeat;
    private Caller caller;
    private long recognised = System.nanoTime();

    private EventStream(Call call, ServletOutputStream out, Duration heartbeat) {
        this.call = call;
        this.out = out;
        this.heartbeat = heartbeat;
        this.caller = call.caller();
    }

    public static EventStream open(Call call, Duration heartbeat) throws IOException {
        call.http().status(200);
        call.http().contentType("text/event-stream");
        call.http().header("Cache-Control", "no-store");
        EventStream stream = new EventStream(call, call.http().res().getOutputStream(), heartbeat);
        stream.write(": open\n\n");
        return stream;
    }

    /// Sends what is wanted of the subscription, until the client goes away or an event comes for which `isLast` holds,
    /// wanted or not. Or until the caller is no longer recognised: a stream may be open for longer than a
    /// token is valid.
    ///
    /// @param isWanted whether the caller, with the rights that it has by then, gets an event
    public void follow(
            Subscription subscription, BiPredicate<Caller, SpecificRecord> isWanted, Predicate<SpecificRecord> isLast)
            throws IOException {
        while (!call.isHead() && !Thread.currentThread().isInterrupted()) {
            Optional<SpecificRecord> event = subscription.next(heartbeat);
            recognise();
            if (event.isEmpty()) {
                write(": still here\n\n");
                continue;
            }
            if (isWanted.test(caller, event.get())) {
                send(event.get());
            }
            if (isLast.test(event.get())) {
                return;
            }
        }
    }

    /// Once in each heartbeat: to verify a token takes longer than to send an event.
    private void recognise() {
        long now = System.nanoTime();
        if (now - recognised >= heartbeat.toNanos()) {
            caller = call.recognisedAgain();
            recognised = now;
        }
    }

    /// The event's JSON is on one line, so it needs one `data` field.
    public void send(SpecificRecord event) throws IOException {
        write("event: %s\ndata: %s\n\n".formatted(event.getSchema().getName(), EventJson.write(event)));
    }

    private void write(String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
        out.flush();
    }
}
