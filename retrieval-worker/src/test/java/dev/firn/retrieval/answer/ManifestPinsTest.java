package dev.firn.retrieval.answer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.events.Pins;
import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeRejection;
import dev.firn.retrieval.job.Given;
import dev.firn.retrieval.job.LakeFixture;
import dev.firn.retrieval.outcome.Outcomes;
import dev.firn.retrieval.outcome.ResultStore;
import dev.firn.schemas.Code;
import dev.firn.service.result.Manifest;
import dev.firn.service.result.ResultLayout;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ManifestPinsTest {
    private LakeFixture lake;
    private ManifestPins manifestPins;
    private ResultStore results;

    @BeforeEach
    void open(@TempDir Path folder) {
        lake = new LakeFixture(folder);
        ResultLayout layout = new ResultLayout(lake.results() + "/firn");
        manifestPins = new ManifestPins(lake.catalogs(), layout);
        results = new ResultStore(lake.catalogs().storage(), layout, "worker", Clock.fixed(Given.NOW, ZoneOffset.UTC));
    }

    @AfterEach
    void close() {
        lake.close();
    }

    @Test
    void readsThePinsOfAManifest() {
        Pins pins = Given.pins().build();
        decide("succeeded", pins);

        assertThat(manifestPins.read(results.manifestLocation("succeeded"))).isEqualTo(pins);
    }

    @Test
    void refusesTheManifestOfARetrievalThatFailed() {
        decide("failed", null);

        assertThatThrownBy(() -> manifestPins.read(results.manifestLocation("failed")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("has no pins");
    }

    @Test
    void refusesTheManifestsOfOtherNamespaces() {
        assertThatThrownBy(() -> manifestPins.read(lake.results() + "/other/request/_manifest.json"))
                .isInstanceOfSatisfying(
                        LakeRejection.class, e -> assertThat(e.lakeCode()).isEqualTo(LakeCode.LOCATION_NOT_ALLOWED));
    }

    private void decide(String id, @Nullable Pins pins) {
        results.decide(new Manifest(
                Outcomes.failed(id, "digest", Code.ATTEMPTS_EXHAUSTED, "says the test", Given.NOW)
                        .build(),
                null,
                pins,
                "worker"));
    }
}
