package dev.firn.gateway.retrieval;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.config.Settings;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import dev.firn.gateway.access.Caller;
import dev.firn.gateway.access.Callers;
import dev.firn.gateway.problem.Refusal;
import dev.firn.lake.storage.Storage;
import dev.firn.schemas.EventClasses;
import dev.firn.service.result.ResultLayout;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a request names needs a right.
final class RequestRightsTest {
    static {
        EventClasses.trust();
    }

    private static final String SHA_256_OF_TOKEN = "3c469e9d6c5875d37a43f353d4f88e61fcf812c66eee3457465a40b0da4153e0";

    private static final Caller WITHOUT_RIGHTS = new Caller("alice", List.of());

    /// Who may read a view may not write its rows where others read them.
    @Test
    void aTargetNeedsTheRightToRegisterInItsCatalog() {
        assertThatCode(() -> check(request())).doesNotThrowAnyException();
        assertThatThrownBy(() -> check(request().setTarget("iceberg.features.daily")))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("'alice' may not register catalog 'iceberg'");
    }

    /// Tags are written to the table, and keep its snapshots.
    @Test
    void toRetainSnapshotsNeedsTheRightToRegisterInTheirCatalogs(@TempDir Path folder) throws IOException {
        Caller reader = withRight("read", folder);
        Caller writer = withRight("register", folder);
        List<RetrievalRequest.Builder> requests = List.of(
                request().setFeatures(List.of("orders:total")),
                request()
                        .setSpine(Spine.newBuilder()
                                .setKind(SpineKind.TABLE)
                                .setTable("iceberg.s.t")
                                .build()));
        for (RetrievalRequest.Builder request : requests) {
            assertThatCode(() -> check(reader, request.setRetain(false))).doesNotThrowAnyException();
            assertThatThrownBy(() -> check(reader, request.setRetain(true)))
                    .isInstanceOf(Refusal.class)
                    .hasMessageContaining("'alice' may not register catalog 'iceberg'");
            assertThatCode(() -> check(writer, request.setRetain(true))).doesNotThrowAnyException();
        }
    }

    /// It may be registered, in any catalog, before a worker takes the request.
    @Test
    void toRetainSnapshotsOfAViewThatIsNotKnownNeedsTheRightToAllCatalogs(@TempDir Path folder) throws IOException {
        RetrievalRequest.Builder request =
                request().setFeatures(List.of("unknown:total")).setRetain(true);
        assertThatThrownBy(() -> check(withRight("register", folder), request))
                .isInstanceOf(Refusal.class)
                .hasMessage("The catalog of view 'unknown' is not known, so 'alice' may not retain its snapshots.");
        assertThatCode(() -> check(withRight("register", "*", folder), request)).doesNotThrowAnyException();
    }

    /// Pins name tables themselves, wherever they lie.
    @Test
    void toRetainWhatAnOutcomePinsNeedsTheRightToRegisterInItsCatalogs(@TempDir Path folder) throws IOException {
        Caller reader = withRight("read", folder);
        Caller writer = withRight("register", folder);
        ResultLayout layout = new ResultLayout(folder.toString());
        RetrievalRequest.Builder request = request().setPinsLocation(layout.manifest("pinned"));
        assertThatThrownBy(() -> check(layout, writer, request.setRetain(true)))
                .isInstanceOf(Refusal.class)
                .hasMessage("The outcome of 'pinned' is not known, so 'alice' may not retain its snapshots.");

        pin(layout, "pinned");

        assertThatCode(() -> check(layout, reader, request.setRetain(false))).doesNotThrowAnyException();
        assertThatThrownBy(() -> check(layout, reader, request.setRetain(true)))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("'alice' may not register catalog 'iceberg'");
        assertThatCode(() -> check(layout, writer, request.setRetain(true))).doesNotThrowAnyException();
    }

    /// An outcome of alice that pins a table of the catalog `iceberg`.
    private static void pin(ResultLayout layout, String id) {
        String manifest = """
                {"manifest_version": 1, "principal": "alice", "worker": "worker",
                 "result": {"request_id": "%s", "request_digest": "d", "status": "SUCCEEDED", "message": "",
                            "completed_at": "2026-01-01T00:00:00Z"},
                 "pins": {"as_of": "2026-01-01T00:00:00Z", "views": [
                   {"alias": "orders", "table_uuid": "u", "schema_id": 0, "metadata_location": "s3://lake/m",
                    "definition":
                     {"name": "orders", "version": 1, "status": "ACTIVE", "entities": [], "features": [],
                      "request_id": "r", "definition_digest": "d", "created_at": "2026-01-01T00:00:00Z",
                      "updated_at": "2026-01-01T00:00:00Z",
                      "source":
                       {"catalog": "iceberg", "schema": "s", "table_name": "t", "table_uuid": "u", "schema_id": 0,
                        "metadata_location": "s3://lake/m", "location": "s3://lake/t", "data_path": "s3://lake/t",
                        "timestamp": {"name": "e", "column": "e", "field_id": 1, "type": "timestamptz"}}}}]}}
                """.formatted(id);
        try (Storage storage = open()) {
            storage.putIfAbsent(layout.manifest(id), manifest.getBytes(StandardCharsets.UTF_8));
        }
    }

    private static Storage open() {
        return Storage.open(Map.of("client.region", "us-east-1"));
    }

    /// Who may do that with every view and with the catalog `iceberg`; who may register may also read.
    private static Caller withRight(String right, Path folder) throws IOException {
        return withRight(right, "iceberg", folder);
    }

    private static Caller withRight(String right, String catalog, Path folder) throws IOException {
        Path tokens = Files.writeString(folder.resolve("tokens"), "alice=" + SHA_256_OF_TOKEN);
        Path rules = Files.writeString(folder.resolve("rules"), """
                {"rules": [{"principals": ["alice"], "%s": {"views": ["*"], "catalogs": ["%s"]}}]}
                """.formatted(right, catalog));
        return Callers.of(Settings.load(
                                Map.of(),
                                Map.of(
                                        "firn.gateway.tokens-file",
                                        tokens.toString(),
                                        "firn.gateway.rules-file",
                                        rules.toString()))
                        .gateway())
                .of(new Callers.Credentials(Optional.of("Bearer token"), Optional.empty(), Optional.empty()));
    }

    private static void check(RetrievalRequest.Builder request) {
        check(WITHOUT_RIGHTS, request);
    }

    private static void check(Caller caller, RetrievalRequest.Builder request) {
        check(new ResultLayout("s3://lake/results/firn"), caller, request);
    }

    private static void check(ResultLayout layout, Caller caller, RetrievalRequest.Builder request) {
        try (Storage storage = open()) {
            Outcomes outcomes = new Outcomes(storage, layout, 1 << 20, new Semaphore(1));
            new RequestRights(outcomes, "s3://lake/uploads", _ -> Map.of("orders", "iceberg"))
                    .check(caller, request.build());
        }
    }

    private static RetrievalRequest.Builder request() {
        return RetrievalRequest.newBuilder()
                .setRequestId("id")
                .setSpine(Spine.newBuilder().setKind(SpineKind.ROWS).build())
                .setFeatures(List.of());
    }
}
