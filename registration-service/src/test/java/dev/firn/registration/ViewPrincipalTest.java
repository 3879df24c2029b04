package dev.firn.registration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.CommitKind;
import dev.firn.events.FeatureView;
import dev.firn.events.RegistrationRequest;
import dev.firn.registration.state.NodeNames;
import dev.firn.registration.state.StateJson;
import dev.firn.registration.view.ViewEntry;
import dev.firn.schemas.FirnHeaders;
import dev.firn.schemas.Limits;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.streams.test.TestRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Who asked for a version of a view stands beside its record, however often the record is written again.
final class ViewPrincipalTest {
    private final RegistryFixture registry = new RegistryFixture();

    @AfterEach
    void close() {
        registry.close();
    }

    private static Headers by(String principal) {
        RecordHeaders headers = new RecordHeaders();
        FirnHeaders.set(headers, FirnHeaders.PRINCIPAL, principal);
        return headers;
    }

    private void send(RegistrationRequest request, Headers headers) {
        registry.send(request, request.getName(), headers);
        registry.validateAll();
    }

    /// The records that were written since the last call.
    private List<TestRecord<String, @Nullable FeatureView>> written() {
        return registry.viewRecords();
    }

    private Optional<String> lastPrincipal() {
        return FirnHeaders.text(written().getLast().headers(), FirnHeaders.PRINCIPAL);
    }

    @Test
    void aRefreshKeepsWhoAsked() {
        send(Views.request("r1").build(), by("alice"));
        assertThat(lastPrincipal()).contains("alice");

        registry.commit(101, 1, CommitKind.APPEND);

        assertThat(lastPrincipal()).contains("alice");
    }

    @Test
    void theSameDefinitionAgainKeepsWhoAskedFirst() {
        send(Views.request("r1").build(), by("alice"));
        registry.verdicts.put("customer_features", request -> Views.accepted(request, 101));
        written();

        send(Views.request("r2").build(), by("bob"));

        TestRecord<String, @Nullable FeatureView> moved = written().getLast();
        assertThat(moved.value().getRequestId()).isEqualTo("r1");
        assertThat(FirnHeaders.text(moved.headers(), FirnHeaders.PRINCIPAL)).contains("alice");
    }

    @Test
    void anotherVersionIsOfWhoeverAskedForIt() {
        send(Views.request("r1").build(), by("alice"));
        send(Views.request("r2").setTtlMicros(5L).build(), by("bob"));
        assertThat(lastPrincipal()).contains("bob");
        // straight from a producer that says nothing
        send(Views.request("r3").setTtlMicros(6L).build(), new RecordHeaders());
        assertThat(lastPrincipal()).isEmpty();
        registry.commit(101, 1, CommitKind.APPEND);
        assertThat(lastPrincipal()).isEmpty();

        send(Views.drop("r4"), by("carol"));
        assertThat(lastPrincipal()).contains("carol");
        registry.pass(Duration.ofDays(31));
        assertThat(lastPrincipal()).as("long after the drop").isEmpty();
    }

    /// Pins hold the whole record, and the digest of a run depends on its pins.
    @Test
    void theRecordItselfIsTheSameWhoeverAsked() {
        send(Views.request("r1").build(), by("alice"));
        FeatureView ofAlice = written().getLast().value();
        try (RegistryFixture other = new RegistryFixture()) {
            other.register("r1");

            assertThat(other.views().getLast()).isEqualTo(ofAlice);
        }
    }

    @Test
    void aNameThatIsTooLongForAHeaderIsNotKept() {
        send(Views.request("r1").build(), by("a".repeat(Limits.HEADER_VALUE_BYTES + 1)));

        assertThat(lastPrincipal()).isEmpty();
    }

    /// State of an older version has no such field; an older version skips the field.
    @Test
    void stateOfAnOlderVersionIsRead() {
        send(Views.request("r1").build(), new RecordHeaders());
        Serde<ViewEntry> serde = StateJson.serde(ViewEntry.class);
        String state = new String(
                serde.serializer().serialize("t", registry.viewEntry("customer_features")), StandardCharsets.UTF_8);
        assertThat(state).contains("\"principal\":null");
        ViewEntry old = serde.deserializer()
                .deserialize("t", state.replace(",\"principal\":null", "").getBytes(StandardCharsets.UTF_8));
        registry.replace(NodeNames.VIEWS_STORE, "customer_features", old);
        written();

        registry.commit(101, 1, CommitKind.APPEND);

        assertThat(lastPrincipal()).isEmpty();
    }
}
