package dev.firn.service.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.events.Pins;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import dev.firn.schemas.EventClasses;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

final class ManifestTest {
    @BeforeAll
    static void trustEvents() {
        EventClasses.trust();
    }

    private static final String LOCATION = "s3://lake/results/firn/r1/_manifest.json";

    @Test
    void readsBackWhatItWrites() {
        Map<String, @Nullable Long> previous = new HashMap<>();
        previous.put("orders", 7_000_000_000_000_000_001L);
        previous.put("empty", null);
        Manifest manifest = new Manifest(
                RetrievalResult.newBuilder(result())
                        .setStageMillis(Map.of("JOIN", 5L, "PIN", 1L))
                        .setPreviousSnapshotIds(previous)
                        .build(),
                request().build(),
                pins(),
                "worker-1",
                "ann",
                null,
                Set.of("00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000002"),
                "daily.r6.0123456789abcdef");

        assertThat(Manifest.parse(manifest.toBytes(), LOCATION)).isEqualTo(manifest);
    }

    /// They stand in the manifest once, and those of the run before are not needed to repeat this one.
    @Test
    void keepsTheRequestWithoutItsPins() {
        Manifest manifest = new Manifest(
                result(), request().setPins(pins()).setPreviousPins(pins()).build(), pins(), "worker-1");

        assertThat(manifest.request()).isEqualTo(request().build());
    }

    @Test
    void readsAManifestOfBeforeManifestsHadRequests() {
        String earlier = text(new Manifest(result(), null, null, "worker-1")).replaceFirst("\"request\" : null,", "");

        assertThat(Manifest.parse(earlier.getBytes(StandardCharsets.UTF_8), LOCATION)
                        .request())
                .isNull();
    }

    @Test
    void aFailureHasNoPins() {
        Manifest manifest = new Manifest(result(), null, null, "worker-1");

        assertThat(Manifest.parse(manifest.toBytes(), LOCATION).pins()).isNull();
    }

    @Test
    void skipsWhatANewerWorkerAdded() {
        String newer = text(new Manifest(result(), null, null, "worker-1"))
                .replace("\"rows\" : 0", "\"rows\" : 0, \"added_later\" : {\"a\" : [1]}")
                .replace("\"SUCCEEDED\"", "\"ENDED_IN_A_NEW_WAY\"");

        Manifest read = Manifest.parse(newer.getBytes(StandardCharsets.UTF_8), LOCATION);

        assertThat(read.result().getStatus()).isEqualTo(RetrievalStatus.UNKNOWN);
        assertThat(read.result().getRequestId()).isEqualTo("r1");
    }

    @Test
    void refusesAnotherVersionAndWhatIsNotAManifest() {
        String version2 = text(new Manifest(result(), null, null, "w"))
                .replace("\"manifest_version\" : 1", "\"manifest_version\" : 2");

        assertThatThrownBy(() -> Manifest.parse(version2.getBytes(StandardCharsets.UTF_8), LOCATION))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("[" + LOCATION + "] unsupported manifest version 2, expected 1");
        for (String broken : List.of("", "{", "[]", "null", "{\"manifest_version\": 1}")) {
            assertThatThrownBy(() -> Manifest.parse(broken.getBytes(StandardCharsets.UTF_8), LOCATION))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(LOCATION);
        }
    }

    private static String text(Manifest manifest) {
        return new String(manifest.toBytes(), StandardCharsets.UTF_8);
    }

    private static Pins pins() {
        return Pins.newBuilder()
                .setAsOf(Instant.parse("2026-03-01T00:00:00.000001Z"))
                .setViews(List.of())
                .build();
    }

    private static RetrievalRequest.Builder request() {
        return RetrievalRequest.newBuilder()
                .setRequestId("r1")
                .setSpine(Spine.newBuilder()
                        .setKind(SpineKind.IDS)
                        .setColumns(List.of("id"))
                        .setRows(List.of(List.of("7")))
                        .build())
                .setFeatures(List.of("orders:total"));
    }

    private static RetrievalResult result() {
        return RetrievalResult.newBuilder()
                .setRequestId("r1")
                .setRequestDigest("d")
                .setStatus(RetrievalStatus.SUCCEEDED)
                .setMessage("done")
                .setCompletedAt(Instant.parse("2026-03-01T00:00:00Z"))
                .build();
    }
}
