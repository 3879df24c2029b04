package dev.firn.registration.view;

import dev.firn.events.RegistrationRequest;
import dev.firn.lake.Reason;
import dev.firn.registration.async.Mailbox;
import dev.firn.registration.meter.RegistryMeters;
import dev.firn.registration.validation.Verdict;
import dev.firn.registration.validation.ViewValidator;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs validations off the stream thread; at most one per view.
///
/// Belongs to one incarnation of the processor, as its [Mailbox] does. A verdict counts only for the sequence and the
/// attempt that it was asked for. A validation without a verdict is given up after a while, so that no view waits for
/// ever.
final class Validations implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Validations.class);

    private final ViewValidator validator;
    private final Executor pool;
    private final Duration limit;
    private final RegistryMeters meters;
    private final Mailbox<Answer> mailbox = new Mailbox<>();
    private final Map<String, Flight> flights = new HashMap<>();

    /// @param pool may refuse work
    /// @param limit after which a validation without a verdict is given up
    Validations(ViewValidator validator, Executor pool, Duration limit, RegistryMeters meters) {
        this.validator = validator;
        this.pool = pool;
        this.limit = limit;
        this.meters = meters;
    }

    private record Flight(long sequence, int attempt, long begunAtMillis) {}

    /// The verdict on the view's registration of that sequence.
    record Answer(String view, long sequence, int attempt, Verdict verdict) {}

    boolean isInFlight(String view) {
        return flights.containsKey(view);
    }

    /// @return false if the pool is full
    boolean begin(String view, long sequence, int attempt, RegistrationRequest request, long now) {
        try {
            pool.execute(() -> {
                if (mailbox.isOpen()) {
                    mailbox.put(new Answer(view, sequence, attempt, validate(request)));
                }
            });
        } catch (RejectedExecutionException e) {
            return false;
        }
        flights.put(view, new Flight(sequence, attempt, now));
        return true;
    }

    /// Hands over the verdicts that have arrived, then a [Verdict.RetryLater] for each validation that takes too long.
    void drain(long now, Consumer<Answer> reader) {
        mailbox.drain(answer -> land(answer, reader));
        List<Answer> lost = flights.entrySet().stream()
                .filter(flight -> now - flight.getValue().begunAtMillis() > limit.toMillis())
                .map(flight -> lost(flight.getKey(), flight.getValue()))
                .toList();
        lost.forEach(answer -> land(answer, reader));
    }

    private void land(Answer answer, Consumer<Answer> reader) {
        Flight flight = flights.get(answer.view());
        if (flight != null && flight.sequence() == answer.sequence() && flight.attempt() == answer.attempt()) {
            flights.remove(answer.view());
            reader.accept(answer);
        }
    }

    private Answer lost(String view, Flight flight) {
        Verdict verdict = new Verdict.RetryLater("no verdict within " + limit);
        return new Answer(view, flight.sequence(), flight.attempt(), verdict);
    }

    @Override
    public void close() {
        mailbox.close();
    }

    /// Runs on the pool. A defect, or lack of memory, must not lose the request, so it is tried again until its
    /// deadline.
    private Verdict validate(RegistrationRequest request) {
        long begun = System.nanoTime();
        Verdict verdict = verdict(request);
        meters.validated(word(verdict), Duration.ofNanos(System.nanoTime() - begun));
        return verdict;
    }

    private static String word(Verdict verdict) {
        return switch (verdict) {
            case Verdict.Accepted accepted -> "ACCEPTED";
            case Verdict.Rejected rejected -> "REJECTED";
            case Verdict.RetryLater later -> "RETRY_LATER";
        };
    }

    private Verdict verdict(RegistrationRequest request) {
        try {
            return validator.validate(request);
        } catch (RuntimeException | Error e) {
            LOG.atError()
                    .addKeyValue("requestId", request.getRequestId())
                    .addKeyValue("featureView", request.getName())
                    .setCause(e)
                    .log("validation failed");
            return new Verdict.RetryLater("the validation failed: " + Reason.of(e));
        }
    }
}
