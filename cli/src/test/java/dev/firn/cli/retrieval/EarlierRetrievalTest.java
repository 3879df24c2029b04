package dev.firn.cli.retrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.firn.cli.command.CommandFailure;
import dev.firn.cli.command.ExitCode;
import dev.firn.events.Pins;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import dev.firn.events.ViewUse;
import dev.firn.lake.storage.Storage;
import dev.firn.schemas.EventClasses;
import dev.firn.service.result.Manifest;
import dev.firn.service.spine.StoredRows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EarlierRetrievalTest {
    private static final Pins PINS =
            Pins.newBuilder().setAsOf(Instant.EPOCH).setViews(List.of()).build();

    private final Storage storage = Storage.open(Map.of());

    @TempDir
    private Path folder = Path.of("target");

    @BeforeAll
    static void trustEvents() {
        EventClasses.trust();
    }

    @AfterEach
    void close() {
        storage.close();
    }

    @Test
    void repeatsTheRequestAtItsPins() throws IOException {
        RetrievalRequest earlier = request(Spine.newBuilder()
                        .setKind(SpineKind.CSV)
                        .setLocations(List.of("s3://lake/spines/uploads/a.csv"))
                        .setColumnTypes(Map.of("churned", "int32"))
                        .build())
                .setViews(List.of(ViewUse.newBuilder()
                        .setView("customers")
                        .setAlias("who")
                        .setSnapshotId(7L)
                        .build()))
                .setFullFeatureNames(true)
                .build();
        String location = manifest(earlier, PINS);

        RetrievalRequest again = EarlierRetrieval.at(location, storage).repeated("again");

        assertThat(again)
                .isEqualTo(RetrievalRequest.newBuilder(earlier)
                        .setRequestId("again")
                        .setViews(List.of(ViewUse.newBuilder(earlier.getViews().getFirst())
                                .setSnapshotId(null)
                                .build()))
                        .setPinsLocation(location)
                        .build());
    }

    /// Its rows lie apart, where only runs may read them.
    @Test
    void repeatsARunOfAStandingRetrieval() throws IOException {
        Spine inline = Spine.newBuilder()
                .setKind(SpineKind.IDS)
                .setColumns(List.of("id"))
                .setRows(List.of(List.of("7")))
                .build();
        Path rows = folder.resolve("rows.json");
        Files.write(rows, StoredRows.of(inline).toBytes());
        RetrievalRequest run = request(StoredRows.spineAt(inline, "file:" + rows))
                .setStandingId("daily")
                .setTarget("iceberg.features.daily")
                .build();

        RetrievalRequest again =
                EarlierRetrieval.at(manifest(run, PINS), storage).repeated("again");

        assertThat(again.getStandingId()).isNull();
        assertThat(again.getTarget()).as("the table of the standing retrieval").isNull();
        assertThat(again.getSpine()).isEqualTo(inline);
    }

    @Test
    void saysWhyThereIsNothingToRepeat() throws IOException {
        String missing = "file:" + folder.resolve("none/_manifest.json");
        assertThatExceptionOfType(CommandFailure.class)
                .isThrownBy(() -> EarlierRetrieval.at(missing, storage))
                .withMessageContaining(missing)
                .satisfies(failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.NOT_FOUND));

        EarlierRetrieval failed = EarlierRetrieval.at(manifest(request(all()).build(), null), storage);
        assertThatExceptionOfType(CommandFailure.class)
                .isThrownBy(() -> failed.repeated("again"))
                .withMessageContaining("first failed, so there is nothing to repeat");

        EarlierRetrieval old = EarlierRetrieval.at(manifest(null, PINS), storage);
        assertThatExceptionOfType(CommandFailure.class)
                .isThrownBy(() -> old.repeated("again"))
                .withMessageContaining("before manifests had their request");
    }

    private static Spine all() {
        return Spine.newBuilder().setKind(SpineKind.ALL).build();
    }

    private static RetrievalRequest.Builder request(Spine spine) {
        return RetrievalRequest.newBuilder()
                .setRequestId("first")
                .setSpine(spine)
                .setFeatures(List.of("who:*"));
    }

    private String manifest(@Nullable RetrievalRequest request, @Nullable Pins pins) throws IOException {
        RetrievalResult result = RetrievalResult.newBuilder()
                .setRequestId("first")
                .setRequestDigest("d")
                .setStatus(pins == null ? RetrievalStatus.FAILED : RetrievalStatus.SUCCEEDED)
                .setMessage("")
                .setCompletedAt(Instant.EPOCH)
                .build();
        Path file = folder.resolve("_manifest.json");
        Files.write(file, new Manifest(result, request, pins, "w").toBytes());
        return "file:" + file;
    }
}
