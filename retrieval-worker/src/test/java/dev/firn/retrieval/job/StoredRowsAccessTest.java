package dev.firn.retrieval.job;

import static dev.firn.retrieval.job.Given.ids;
import static dev.firn.retrieval.job.Given.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.firn.engine.MemoryBudget;
import dev.firn.events.Spine;
import dev.firn.lake.scan.ScanSettings;
import dev.firn.schemas.Code;
import dev.firn.service.spine.StoredRows;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Several deployments may share a location of spines. None reads what another has stored.
final class StoredRowsAccessTest {
    @Test
    void storedRowsAreReadFromTheOwnNamespaceOnly(@TempDir Path folder) {
        try (LakeFixture lake = new LakeFixture(folder)) {
            lake.facts("facts", "1 | 2024-01-01 | 10");
            String own = lake.results() + "/firn";
            String other = lake.results() + "/other";

            assertThat(run(lake, own, stored(lake, own)).rows()).isEqualTo(1);
            for (String location : new String[] {stored(lake, other), own + "_else/daily/x.json"}) {
                RetrievalRejected rejected =
                        catchThrowableOfType(RetrievalRejected.class, () -> run(lake, own, location));
                assertThat(rejected.violations().getFirst().getCode()).isEqualTo(Code.LOCATION_NOT_ALLOWED.name());
            }
        }
    }

    private static String stored(LakeFixture lake, String spines) {
        byte[] content = StoredRows.of(ids("id", "1")).toBytes();
        String location = StoredRows.location(spines, "daily", content);
        lake.catalogs().storage().putIfAbsent(location, content);
        return location;
    }

    private static Completed run(LakeFixture lake, String own, String location) {
        Spine spine = StoredRows.spineAt(ids("id", "1"), location);
        Retrieval retrieval = new Retrieval(
                lake.catalogs(),
                new MemoryBudget(64L << 20),
                new Retrieval.Settings(
                        new RetrievalLimits(50, 2_000, 1_000L),
                        1_000,
                        new ScanSettings(1, 1_024),
                        null,
                        Duration.ofSeconds(10),
                        own,
                        Refresh.Settings.OFF,
                        "firn"));
        return retrieval.run(new Retrieval.Task(
                request(spine, "facts:value").build(),
                Given.NOW,
                lake.views(),
                null,
                lake.results() + "/results/test/1",
                new Cancellation(),
                Progress.NONE));
    }
}
