package dev.firn.cli.events;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.cli.RegisteredViews;
import dev.firn.events.CommitKind;
import dev.firn.events.FeatureView;
import dev.firn.events.Pins;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import dev.firn.events.TableCommit;
import dev.firn.events.ViewPin;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class RunCausesTest {
    private static final FeatureView CUSTOMERS = RegisteredViews.view("customers", "id");
    private static final Instant NOON = Instant.parse("2024-03-01T12:00:00Z");

    private final RunCauses causes = new RunCauses(List.of(
            commit(CommitKind.APPEND, 2L, 1L),
            commit(CommitKind.COMPACTION, 3L, 2L),
            commit(CommitKind.APPEND, 9L, 8L)));

    @Test
    void namesTheCommitsBetweenTheSnapshotsOfTwoRuns() {
        assertThat(causes.of(run(pins(pin("u", 3L)), pins(pin("u", 1L)))))
                .containsExactly(
                        "customers: COMPACTION to iceberg.gold.customers, snapshot 3 after 2, committed at " + NOON,
                        "customers: APPEND to iceberg.gold.customers, snapshot 2 after 1, committed at " + NOON);
    }

    @Test
    void namesTheSnapshotsIfTheCommitIsNotKnown() {
        assertThat(causes.of(run(pins(pin("u", 7L)), pins(pin("u", 1L)))))
                .containsExactly("customers: iceberg.gold.customers is at snapshot 7 after 1");
        assertThat(causes.of(run(pins(pin("u", 9L)), pins(pin("u", null)))))
                .as("as far back as they are known")
                .containsExactly(
                        "customers: APPEND to iceberg.gold.customers, snapshot 9 after 8, committed at " + NOON);
    }

    @Test
    void namesWhatElseDiffers() {
        ViewPin redefined = ViewPin.newBuilder(pin("u", 1L))
                .setDefinition(FeatureView.newBuilder(CUSTOMERS)
                        .setVersion(2)
                        .setDefinitionDigest("another")
                        .build())
                .build();

        assertThat(causes.of(run(pins(redefined), pins(pin("u", 1L)))))
                .containsExactly("customers was changed to version 2");
        assertThat(causes.of(run(pins(pin("v", 1L)), pins(pin("u", 1L)))))
                .containsExactly("customers reads another table: iceberg.gold.customers was replaced");
        assertThat(causes.of(run(pins(pin("u", 1L)), pins()))).containsExactly("customers is read for the first time");
    }

    @Test
    void saysThatNothingDiffersOrIsNotKnown() {
        assertThat(causes.of(run(pins(pin("u", 1L)), pins(pin("u", 1L)))))
                .singleElement()
                .asString()
                .startsWith("nothing");
        assertThat(causes.of(run(pins(pin("u", 1L)), null)))
                .singleElement()
                .asString()
                .startsWith("the first run");
        assertThat(causes.of(run(null, null))).singleElement().asString().startsWith("not known");
    }

    private static RetrievalRequest run(@Nullable Pins pins, @Nullable Pins previous) {
        return RetrievalRequest.newBuilder()
                .setRequestId("daily.r2.0123456789abcdef")
                .setSpine(Spine.newBuilder().setKind(SpineKind.ALL).build())
                .setFeatures(List.of("customers:*"))
                .setPins(pins)
                .setPreviousPins(previous)
                .build();
    }

    private static Pins pins(ViewPin... views) {
        return Pins.newBuilder().setAsOf(NOON).setViews(Arrays.asList(views)).build();
    }

    private static ViewPin pin(String table, @Nullable Long snapshot) {
        return ViewPin.newBuilder()
                .setAlias("customers")
                .setDefinition(CUSTOMERS)
                .setTableUuid(table)
                .setSnapshotId(snapshot)
                .setSchemaId(0)
                .setMetadataLocation("s3://lake/m.json")
                .build();
    }

    private static TableCommit commit(CommitKind kind, Long snapshot, Long previous) {
        return TableCommit.newBuilder()
                .setCatalog("iceberg")
                .setSchema$("gold")
                .setTableName("customers")
                .setKind(kind)
                .setTableUuid("u")
                .setSnapshotId(snapshot)
                .setPreviousSnapshotId(previous)
                .setSchemaId(0)
                .setContentChanged(true)
                .setMetadataLocation("s3://lake/m.json")
                .setCommittedAt(NOON)
                .setObservedAt(NOON)
                .build();
    }
}
