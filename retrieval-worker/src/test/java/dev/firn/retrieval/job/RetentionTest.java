package dev.firn.retrieval.job;

import static dev.firn.retrieval.job.Given.ids;
import static dev.firn.retrieval.job.Given.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.firn.engine.MemoryBudget;
import dev.firn.events.Pins;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import dev.firn.events.Violation;
import dev.firn.lake.catalog.Catalogs;
import dev.firn.lake.scan.ScanSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.ExpireSnapshots.CleanupLevel;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.Table;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `retain`: tags keep the snapshots that a request reads, if the catalog allows it.
final class RetentionTest {
    private LakeFixture lake;
    private Catalogs catalogs;
    private Table facts;
    private long snapshot;
    private Instant now;

    @BeforeEach
    void open(@TempDir Path folder) {
        lake = new LakeFixture(folder);
        catalogs = lake.retainingCatalogs();
        facts = lake.table("facts", "id long, event timestamptz, value int");
        lake.append(facts, "1 | 2024-01-01 | 10");
        lake.register(lake.view(facts, List.of("id"), List.of("value")));
        snapshot = head();
        now = Instant.ofEpochMilli(facts.currentSnapshot().timestampMillis()).plusSeconds(3600);
    }

    @AfterEach
    void close() {
        catalogs.close();
        lake.close();
    }

    @Test
    void protectsTheSnapshotFromExpiry() {
        Pins pins = retrieve(retaining(), null).pins();
        lake.append(facts, "1 | 2024-01-02 | 20");
        facts.expireSnapshots()
                .expireOlderThan(Instant.now().plusSeconds(60).toEpochMilli())
                .retainLast(1)
                .commit();

        assertThat(facts.snapshot(snapshot)).isNotNull();
        assertThat(lake.retrieve(request(ids("id", "1"), "facts:value").setPins(pins))
                        .column("value"))
                .containsExactly("10");
    }

    @Test
    void namesTheTagByRequestAndSnapshotAndSetsNoAge() {
        retrieve(retaining(), null);

        SnapshotRef tag = tag();
        assertThat(tag.isTag()).isTrue();
        assertThat(tag.snapshotId()).isEqualTo(snapshot);
        assertThat(tag.maxRefAgeMs()).isNull();
    }

    @Test
    void countsTheAgeOfTheTagFromTheRequest() {
        retrieve(retaining(), Duration.ofDays(30));

        Instant committed = Instant.ofEpochMilli(facts.currentSnapshot().timestampMillis());
        assertThat(committed.plusMillis(tag().maxRefAgeMs())).isEqualTo(now.plus(Duration.ofDays(30)));
    }

    @Test
    void writesNothingMoreForAnotherAttempt() {
        retrieve(retaining(), null);
        String metadata = metadata();
        retrieve(retaining(), null);

        assertThat(metadata()).isEqualTo(metadata);
    }

    @Test
    void writesNothingForARequestWithoutRetain() {
        String metadata = metadata();
        retrieve(request(ids("id", "1"), "facts:value"), null);

        assertThat(metadata()).isEqualTo(metadata);
    }

    @Test
    void writesNothingForARequestThatIsRefused() {
        String metadata = metadata();
        violations(request(ids("id", "1"), "facts:value", "facts:valeu").setRetain(true));

        assertThat(metadata()).isEqualTo(metadata);
    }

    @Test
    void keepsTheSnapshotOfASpineThatIsATable() {
        Table spine = lake.table("spine", "id long, event_timestamp timestamptz");
        lake.append(spine, "1 | 2024-02-01");
        retrieve(
                request(
                                Spine.newBuilder()
                                        .setKind(SpineKind.TABLE)
                                        .setTable("iceberg.gold.spine")
                                        .build(),
                                "facts:value")
                        .setRetain(true),
                null);

        spine.refresh();
        assertThat(spine.refs())
                .containsKey("firn-request-1-" + spine.currentSnapshot().snapshotId());
        assertThat(tag()).isNotNull();
    }

    @Test
    void keepsNothingOfATableWithoutASnapshot() {
        Table empty = lake.table("empty", "id long, event timestamptz, value int");
        lake.register(lake.view(empty, List.of("id"), List.of("value")));
        retrieve(request(ids("id", "1"), "empty:value").setRetain(true), null);

        empty.refresh();
        assertThat(empty.refs()).isEmpty();
    }

    @Test
    void refusesToKeepASnapshotThatHasExpired() {
        Pins pins = retrieve(request(ids("id", "1"), "facts:value"), null).pins();
        lake.append(facts, "1 | 2024-01-02 | 20");
        facts.expireSnapshots()
                .expireSnapshotId(snapshot)
                .cleanupLevel(CleanupLevel.NONE)
                .commit();

        Violation violation = violations(retaining().setPins(pins)).getFirst();
        assertThat(violation.getCode()).isEqualTo("SNAPSHOT_EXPIRED");
        assertThat(violation.getField()).isEqualTo("retain");
    }

    @Test
    void refusesWhenTheTagNamesAnotherSnapshot() {
        lake.append(facts, "1 | 2024-01-02 | 20");
        facts.manageSnapshots().createTag("firn-request-1-" + head(), snapshot).commit();

        Violation violation = violations(retaining()).getFirst();
        assertThat(violation.getCode()).isEqualTo("RETAIN_REFUSED");
        assertThat(violation.getMessage()).contains("facts").contains(Long.toString(snapshot));
    }

    @Test
    void refusesACatalogWhereSnapshotsMayNotBeKept() {
        Violation refusal = catchThrowableOfType(RetrievalRejected.class, () -> lake.retrieve(retaining()))
                .violations()
                .getFirst();

        assertThat(refusal.getCode()).isEqualTo("RETAIN_NOT_ALLOWED");
        assertThat(refusal.getField()).isEqualTo("retain");
        assertThat(refusal.getMessage()).contains("iceberg.gold.facts");
    }

    private static RetrievalRequest.Builder retaining() {
        return request(ids("id", "1"), "facts:value").setRetain(true);
    }

    private List<Violation> violations(RetrievalRequest.Builder request) {
        return catchThrowableOfType(RetrievalRejected.class, () -> retrieve(request, null))
                .violations();
    }

    private Completed retrieve(RetrievalRequest.Builder request, @Nullable Duration age) {
        Retrieval retrieval = new Retrieval(
                catalogs,
                new MemoryBudget(256L << 20),
                new Retrieval.Settings(
                        new RetrievalLimits(50, 2_000, 1_000_000L),
                        1_000,
                        new ScanSettings(1, 1_024),
                        age,
                        Duration.ofMinutes(1),
                        "",
                        Refresh.Settings.OFF,
                        "firn"));
        return retrieval.run(new Retrieval.Task(
                request.build(),
                now,
                lake.views(),
                null,
                lake.results() + "/retained",
                new Cancellation(),
                Progress.NONE));
    }

    private SnapshotRef tag() {
        facts.refresh();
        return Objects.requireNonNull(facts.refs().get("firn-request-1-" + snapshot));
    }

    private long head() {
        facts.refresh();
        return facts.currentSnapshot().snapshotId();
    }

    private String metadata() {
        facts.refresh();
        return ((BaseTable) facts).operations().current().metadataFileLocation();
    }
}
