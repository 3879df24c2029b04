package dev.firn.gateway.retrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import dev.firn.events.TargetOutcome;
import dev.firn.events.TargetStatus;
import dev.firn.gateway.access.Caller;
import dev.firn.gateway.problem.Refusal;
import dev.firn.lake.storage.Storage;
import dev.firn.schemas.EventClasses;
import dev.firn.service.result.Manifest;
import dev.firn.service.result.ResultLayout;
import dev.firn.service.result.TargetNote;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// An outcome with a target is there once it is known what became of the commit, as in its event.
final class OutcomesTest {
    private static final Instant NOW = Instant.parse("2026-03-01T00:00:00Z");

    static {
        EventClasses.trust();
    }

    /// Who sent the request, not through the gateway.
    private static final Caller ASKED = new Caller("", List.of());

    private final Storage storage = Storage.open(Map.of("client.region", "us-east-1"));
    private ResultLayout layout;
    private Outcomes outcomes;

    @BeforeEach
    void open(@TempDir Path folder) {
        layout = new ResultLayout(folder.toString());
        outcomes = new Outcomes(storage, layout, 1 << 20, new Semaphore(1));
    }

    @AfterEach
    void close() {
        storage.close();
    }

    @Test
    void anOutcomeWithATargetWaitsForWhatBecameOfIt() {
        decide("iceberg.features.daily");
        assertThat(outcomes.find(ASKED, "id")).isEmpty();
        storage.putIfAbsent(target("lost"), "that of another outcome".getBytes(StandardCharsets.UTF_8));
        assertThat(outcomes.find(ASKED, "id")).isEmpty();

        TargetOutcome target = TargetOutcome.newBuilder()
                .setTable("iceberg.features.daily")
                .setStatus(TargetStatus.COMMITTED)
                .setSnapshotId(7L)
                .setDecidedAt(NOW)
                .build();
        storage.putIfAbsent(target("won"), new TargetNote(target, "worker").toBytes());
        assertThat(outcomes.find(ASKED, "id"))
                .hasValueSatisfying(
                        found -> assertThat(found.result().getTarget()).isEqualTo(target));
        assertThat(outcomes.find("id"))
                .as("the manifest alone")
                .hasValueSatisfying(
                        found -> assertThat(found.result().getTarget()).isNull());
    }

    @Test
    void anOutcomeWithoutATargetIsThere() {
        decide(null);
        assertThat(outcomes.find(ASKED, "id")).isPresent();
    }

    @Test
    void aNoteOfANewerVersionIsOutcomeUnreadable() {
        decide("iceberg.features.daily");
        storage.putIfAbsent(target("won"), "{\"target_version\": 2}".getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(() -> outcomes.find(ASKED, "id")).isInstanceOf(Refusal.class);
    }

    private String target(String token) {
        return layout.notesFolder("id", 1, token) + "/target.json";
    }

    private void decide(@Nullable String target) {
        RetrievalRequest request = RetrievalRequest.newBuilder()
                .setRequestId("id")
                .setSpine(Spine.newBuilder().setKind(SpineKind.ALL).build())
                .setFeatures(List.of("orders:total"))
                .setTarget(target)
                .build();
        RetrievalResult result = RetrievalResult.newBuilder()
                .setRequestId("id")
                .setRequestDigest("digest")
                .setStatus(RetrievalStatus.SUCCEEDED)
                .setMessage("1 row")
                .setLocation(layout.filesFolder("id", 1, "won") + "/")
                .setCompletedAt(NOW)
                .build();
        storage.putIfAbsent(layout.manifest("id"), new Manifest(result, request, null, "worker").toBytes());
    }
}
