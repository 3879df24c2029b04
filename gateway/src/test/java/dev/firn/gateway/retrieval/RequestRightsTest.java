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
        // its catalog may be any
        assertThatThrownBy(() -> check(
                        writer, request().setFeatures(List.of("unknown:total")).setRetain(true)))
                .isInstanceOf(Refusal.class);
    }

    /// Who may do that with every view and with the catalog `iceberg`.
    private static Caller withRight(String right, Path folder) throws IOException {
        Path tokens = Files.writeString(folder.resolve("tokens"), "alice=" + SHA_256_OF_TOKEN);
        Path rules = Files.writeString(folder.resolve("rules"), """
                {"rules": [{"principals": ["alice"], "%s": {"views": ["*"], "catalogs": ["iceberg"]}}]}
                """.formatted(right));
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
        try (Storage storage = Storage.open(Map.of("client.region", "us-east-1"))) {
            Outcomes outcomes =
                    new Outcomes(storage, new ResultLayout("s3://lake/results/firn"), 1 << 20, new Semaphore(1));
            new RequestRights(
                            outcomes,
                            "s3://lake/uploads",
                            view -> view.equals("orders") ? Optional.of("iceberg") : Optional.empty())
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
