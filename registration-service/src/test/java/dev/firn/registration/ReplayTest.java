package dev.firn.registration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.FeatureView;
import dev.firn.events.RegistrationRequest;
import dev.firn.events.RegistrationResult;
import dev.firn.events.RegistrationStatus;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalStatus;
import dev.firn.events.StandingRequest;
import dev.firn.events.StandingRetrieval;
import dev.firn.events.StandingStatus;
import dev.firn.service.event.Frames;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// docs/architecture.md, "Registry": when inputs are read again, because the group's offsets were lost or the service
/// was down for too long, nothing is applied a second time.
final class ReplayTest {
    /// More than the answers that are kept of one view.
    private static final int DEFINITIONS = 150;

    private final RegistryFixture registry = new RegistryFixture("firn.registration.max-pending-per-view", "1000");

    @AfterEach
    void close() {
        registry.close();
    }

    @Test
    void keepsTheLastOfManyDefinitions() {
        List<RegistrationRequest> requests = IntStream.rangeClosed(1, DEFINITIONS)
                .mapToObj(number -> definition("d" + number))
                .toList();
        requests.forEach(request -> {
            registry.send(request);
            registry.validateAll();
        });
        assertThat(registry.results()).hasSize(DEFINITIONS);
        FeatureView last = registry.views().getLast();
        assertThat(last.getDescription()).isEqualTo("d150");

        registry.rewind("registration-requests");
        requests.forEach(registry::send); // validations are held until all have come
        registry.validateAll();

        assertThat(registry.views()).isEmpty();
        registry.send(definition("again")); // the first record that is new
        registry.validateAll();
        assertThat(registry.views().getLast().getVersion()).isEqualTo(DEFINITIONS + 1);
    }

    @Test
    void keepsAViewThatWasRegisteredAgainAfterItsDrop() {
        List<RegistrationRequest> requests = List.of(definition("first"), Views.drop("drop"), definition("second"));
        requests.forEach(request -> {
            registry.send(request);
            registry.validateAll();
        });
        registry.views();
        for (int i = 0; i < DEFINITIONS; i++) { // the drop's answer is forgotten
            registry.send(Views.request("same" + i).setDescription("second").build());
            registry.validateAll();
        }
        registry.views();
        registry.results();

        registry.rewind("registration-requests");
        requests.forEach(registry::send);
        registry.validateAll();

        assertThat(registry.views()).isEmpty();
        assertThat(registry.results()).isEmpty();
    }

    @Test
    void keepsTheLastDefinitionOfAStandingRetrieval() {
        registry.register("r1");
        List<StandingRequest> requests = new ArrayList<>();
        for (int i = 0; i < 25; i++) { // more than the answers that are kept of one standing retrieval
            requests.add(Standings.create("c" + i));
            requests.add(Standings.cancel("x" + i));
        }
        requests.add(Standings.create("last"));
        requests.forEach(registry::send);
        StandingRetrieval last = registry.standing().getLast();
        assertThat(last.getStatus()).isEqualTo(StandingStatus.ACTIVE);
        assertThat(last.getRequestId()).isEqualTo("last");
        registry.retrievalResults();
        registry.runs();

        registry.rewind("standing-requests");
        requests.forEach(registry::send);

        assertThat(registry.standing()).isEmpty();
        assertThat(registry.retrievalResults()).isEmpty();
        assertThat(registry.runs()).isEmpty();
    }

    /// The group's offsets of the internal topics are lost with the others.
    @Test
    void appliesCommandsOnce() {
        for (int i = 1; i <= DEFINITIONS; i++) {
            registry.send(definition("d" + i));
            registry.validateAll();
        }
        registry.send(Standings.create("c1"));
        registry.views();
        registry.standing();
        registry.runs();

        for (String topic : List.of("view-commands", "table-commands", "standing-commands")) {
            List<TestRecord<byte[], byte[]>> commands = registry.written(topic);
            assertThat(commands).isNotEmpty();
            registry.rewind(topic);
            commands.forEach(registry.into(topic)::pipeInput);
        }
        registry.validateAll();

        assertThat(registry.views()).isEmpty();
        assertThat(registry.standing()).isEmpty();
        assertThat(registry.runs()).isEmpty();
        assertThat(registry.written("view-commands")).isEmpty();
        assertThat(registry.written("table-commands")).isEmpty();
        assertThat(registry.written("standing-commands")).isEmpty();
    }

    @Test
    void appliesTheAnswerOfARunOnce() {
        registry.register("r1");
        registry.send(Standings.create("c1"));
        RetrievalRequest run = registry.runs().getFirst();
        registry.send(Standings.result(run, RetrievalStatus.SUCCEEDED));
        registry.standing();

        registry.rewind("standing-requests");
        registry.rewind("retrieval-results");
        registry.send(Standings.create("c1"));
        registry.send(Standings.result(run, RetrievalStatus.SUCCEEDED));

        assertThat(registry.standing()).isEmpty();
        assertThat(registry.runs()).isEmpty();
    }

    @Test
    void deadLettersUndecodableRecordsOnce() {
        byte[] notAvro = "x not avro".getBytes(StandardCharsets.UTF_8);
        for (String topic : List.of("registration-requests", "table-hints", "standing-requests", "retrieval-results")) {
            registry.send(topic, "key", notAvro, new RecordHeaders());
            assertThat(registry.deadLetters()).hasSize(1);
            registry.rewind(topic);
            registry.send(topic, "key", notAvro, new RecordHeaders());
            assertThat(registry.deadLetters()).isEmpty();
        }
    }

    /// A topic that is made again begins at offset 0, but later in time.
    @Test
    void readsATopicThatWasMadeAgain() {
        for (int i = 0; i < 5; i++) {
            registry.send(definition("old" + i));
            registry.validateAll();
        }
        registry.results();

        registry.rewind("registration-requests");
        Instant later = RegistryFixture.START.plus(Duration.ofMinutes(1));
        for (int i = 0; i < 3; i++) { // all in one batch, and so with one timestamp
            append(definition("new" + i), later);
            registry.validateAll();
        }
        assertThat(registry.results())
                .extracting(RegistrationResult::getRequestId)
                .containsExactly("new0", "new1", "new2");

        registry.rewind("registration-requests"); // and now a replay of the new topic
        for (int i = 0; i < 3; i++) {
            append(definition("new" + i), later);
        }
        assertThat(registry.validations.waiting()).isZero();
        assertThat(registry.results()).isEmpty();
    }

    /// Another broker that leads the partition may have a clock that is behind.
    @Test
    void readsARecordWithAnEarlierTime() {
        append(definition("first"), RegistryFixture.START.plusSeconds(1));
        registry.validateAll();
        append(definition("second"), RegistryFixture.START);
        registry.validateAll();

        assertThat(registry.results())
                .extracting(RegistrationResult::getStatus)
                .containsExactly(RegistrationStatus.REGISTERED, RegistrationStatus.UPDATED);
    }

    /// While the schema registry is away, records wait. A replay must not take their place.
    @Test
    void doesNotReplaceARecordThatWaits() {
        registry.schemaRegistryAway = true;
        registry.send(definition("waits"));
        registry.rewind("registration-requests");
        registry.send(definition("waits"));
        registry.schemaRegistryAway = false;
        registry.pass(Duration.ofSeconds(6));
        registry.validateAll();

        assertThat(registry.result().getRequestId()).isEqualTo("waits");
    }

    private void append(RegistrationRequest request, Instant time) {
        registry.send("registration-requests", null, Frames.encode(request), new RecordHeaders(), time);
    }

    private static RegistrationRequest definition(String id) {
        return Views.request(id).setDescription(id).build();
    }
}
