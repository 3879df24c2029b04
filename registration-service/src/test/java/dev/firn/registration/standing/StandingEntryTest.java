package dev.firn.registration.standing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.registration.state.StateJson;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.serialization.Serde;
import org.junit.jupiter.api.Test;

/// Stored entries keep the names of their fields, so that state of an earlier version stays readable.
final class StandingEntryTest {
    private static final String VIEWS =
            "{\"record\":null,\"views\":{\"v\":{\"yet\":true,\"record\":null,\"cutBytes\":7}},";
    private static final String REST = "\"outstanding\":null,\"waiting\":[],\"answered\":[]}";
    private static final String STORED = VIEWS
            + "\"tables\":[{\"at\":{\"table\":\"c.s.t\",\"ref\":null},\"isReported\":true,\"state\":null,\"metadataLocation\":null}],"
            + REST;

    @Test
    void isStoredUnderTheSameNames() {
        Serde<StandingEntry> serde = StateJson.serde(StandingEntry.class);
        StandingEntry entry = serde.deserializer().deserialize("t", STORED.getBytes(StandardCharsets.UTF_8));

        assertThat(entry.views()).containsEntry("v", new StandingEntry.SubscribedView(true, null, 7));
        assertThat(serde.serializer().serialize("t", entry))
                .asString(StandardCharsets.UTF_8)
                .isEqualTo(STORED);
    }

    /// Version 1 followed no tables.
    @Test
    void isReadWithoutTables() {
        Serde<StandingEntry> serde = StateJson.serde(StandingEntry.class);
        StandingEntry entry = serde.deserializer().deserialize("t", (VIEWS + REST).getBytes(StandardCharsets.UTF_8));

        assertThat(entry.tables()).isEmpty();
        assertThat(entry.views()).hasSize(1);
    }
}
