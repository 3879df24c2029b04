package dev.firn.registration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.config.Settings;
import dev.firn.events.RegistrationRequest;
import dev.firn.events.RegistrationResult;
import dev.firn.schemas.RequestDigest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.Test;

/// What one incarnation of a view's writer leaves to the next, after a crash or a rebalance.
final class IncarnationTest {
    private final QueuedWork validations = new QueuedWork();
    private final MockProcessorContext<String, Object> context = new MockProcessorContext<>(properties());

    @Test
    void beginsAgainWhatWasInFlightAndAnswersItOnce() {
        store(RegistryTopology.VIEWS_STORE, ViewEntry.class);
        store(RegistryTopology.ANSWERED_STORE, AnsweredRequest.class);
        store(RegistryTopology.PENDING_STORE, PendingRegistration.class);
        context.setCurrentSystemTimeMs(1_000);
        ViewProcessor dying = processor();
        dying.init(context);
        accept(dying, Views.request("r1").build());
        accept(dying, Views.request("r2").setTtlMicros(1L).build());
        dying.close();
        context.scheduledPunctuators().clear();

        ViewProcessor next = processor();
        next.init(context);
        validations.runAll(); // verdicts for the incarnation before
        tick();
        assertThat(answers()).isEmpty();

        validations.runAll();
        tick();
        validations.runAll();
        tick();
        assertThat(answers()).containsExactly("r1", "r2");
    }

    @Test
    void countsNoVerdictThatComesAfterClose() {
        Mailbox<String> mailbox = new Mailbox<>();
        mailbox.put("before");
        mailbox.close();
        mailbox.put("after");

        mailbox.drain(letter -> {
            throw new AssertionError("read " + letter);
        });
        assertThat(mailbox.isOpen()).isFalse();
    }

    private ViewProcessor processor() {
        return new ViewProcessor(
                Settings.load(Map.of(), Map.of()).registration(), Duration.ofMinutes(1), Views::accepted, validations);
    }

    private static void accept(ViewProcessor processor, RegistrationRequest request) {
        ViewCommand command = new ViewCommand.Register(request, RequestDigest.of(request), null);
        processor.process(new Record<>(request.getName(), command, 0));
    }

    private void tick() {
        context.setCurrentSystemTimeMs(context.currentSystemTimeMs() + 25);
        List.copyOf(context.scheduledPunctuators()).stream()
                .filter(scheduled -> scheduled.getInterval().compareTo(Duration.ofSeconds(1)) < 0)
                .forEach(scheduled -> scheduled.getPunctuator().punctuate(context.currentSystemTimeMs()));
    }

    private List<String> answers() {
        return context.forwarded(RegistryTopology.REGISTRATION_RESULTS_SINK).stream()
                .map(forward -> ((RegistrationResult) forward.record().value()).getRequestId())
                .toList();
    }

    private <T> void store(String name, Class<T> type) {
        KeyValueStore<String, T> store = Stores.keyValueStoreBuilder(
                        Stores.inMemoryKeyValueStore(name), Serdes.String(), StateJson.serde(type))
                .withLoggingDisabled()
                .build();
        context.addStateStore(store);
        store.init(context.getStateStoreContext(), store);
    }

    private static Properties properties() {
        Properties properties = new Properties();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "t");
        properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "none:1");
        return properties;
    }
}
