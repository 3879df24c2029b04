package dev.firn.service;

import dev.firn.config.FirnConfig;
import dev.firn.service.InputLag.Input;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Measures [InputLag] in the background, and warns when a request has waited for more than half of the time that its
/// topic keeps it.
public final class LagWatch implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LagWatch.class);

    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(2);

    private final FirnConfig config;
    private final List<Input> inputs;
    private final Map<Input, Duration> lags = new ConcurrentHashMap<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile @Nullable InputLag measuring;
    private final Thread thread = Thread.ofVirtual().name("lag-watch").unstarted(this::run);

    /// @param metrics shows the lags as `firn.input.lag.seconds`; not a number until the first one is measured
    public LagWatch(FirnConfig config, List<Input> inputs, MeterRegistry metrics) {
        this.config = config;
        this.inputs = List.copyOf(inputs);
        for (Input input : inputs) {
            Gauge.builder("firn.input.lag.seconds", () -> seconds(input))
                    .tag("topic", input.topic())
                    .description("how long the oldest unanswered request has waited")
                    .register(metrics);
            Gauge.builder(
                            "firn.input.retention.seconds",
                            () -> input.retention().toSeconds())
                    .tag("topic", input.topic())
                    .description("how long the topic keeps a request")
                    .register(metrics);
        }
    }

    public LagWatch start() {
        thread.start();
        return this;
    }

    private double seconds(Input input) {
        Duration lag = lags.get(input);
        return lag == null ? Double.NaN : lag.toMillis() / 1000.0;
    }

    private void run() {
        try (InputLag lag = new InputLag(config, inputs, Clock.systemUTC())) {
            measuring = lag;
            do {
                measure(lag);
            } while (!closed.await(config.health().lagInterval().toNanos(), TimeUnit.NANOSECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void measure(InputLag lag) throws InterruptedException {
        try {
            Map<Input, Duration> now = lag.measure();
            lags.putAll(now);
            now.forEach(LagWatch::warn);
        } catch (ExecutionException | KafkaException e) {
            // the last values would look as if nothing had changed
            lags.clear();
            log.atDebug().setCause(e).log("The lag cannot be measured");
        }
    }

    private static void warn(Input input, Duration lag) {
        if (lag.compareTo(input.retention().dividedBy(2)) > 0) {
            log.atWarn()
                    .addKeyValue("topic", input.topic())
                    .addKeyValue("lag", lag)
                    .addKeyValue("retention", input.retention())
                    .log("The oldest request has waited for more than half of its topic's retention");
        }
    }

    /// Waits a moment for the present measurement to end. Does not interrupt it: Kafka's clients take an
    /// interrupt for a fault, and log it.
    @Override
    public void close() {
        closed.countDown();
        InputLag lag = measuring;
        if (lag != null) {
            lag.stop();
        }
        try {
            thread.join(CLOSE_LIMIT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
