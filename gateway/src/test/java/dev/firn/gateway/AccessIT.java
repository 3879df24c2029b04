package dev.firn.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.lake.storage.Storage;
import dev.firn.schemas.Code;
import dev.firn.service.CatalogFactory;
import dev.firn.service.ServiceRefusedException;
import dev.firn.service.result.AttemptNote;
import dev.firn.service.result.ResultLayout;
import dev.firn.testkit.WithStack;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Who may do what, on a gateway that others than this machine reach.
@WithStack
final class AccessIT {
    private static final String[] ALICE = {"Authorization", "Bearer alice-token"};
    private static final String[] BOB = {"Authorization", "Bearer bob-token"};
    private static final String[] OPS = {"Authorization", "Bearer ops-token"};

    private static GatewayStack stack;
    private static GatewayRuntime gateway;
    private static Http http;

    @BeforeAll
    static void start() throws IOException {
        stack = GatewayStack.shared();
        var tokens = Files.writeString(stack.folder.resolve("tokens.properties"), """
                alice=%s
                bob=%s
                ops=%s
                """.formatted(
                        digest("alice-token"), digest("bob-token"), digest("ops-token")));
        var rules = Files.writeString(stack.folder.resolve("rules.json"), """
                {"rules": [
                  {"principals": ["alice", "bob"], "register": {"views": ["shared_*"], "standing": ["shared-*"]},
                   "read": {"catalogs": ["iceberg"]}},
                  {"principals": ["ops"], "administer": {"views": ["*"], "standing": ["*"], "catalogs": ["*"]}}
                ]}
                """);
        gateway = stack.gateway(
                "firn.gateway.host",
                "0.0.0.0",
                "firn.gateway.tokens-file",
                tokens.toString(),
                "firn.gateway.rules-file",
                rules.toString());
        http = Http.to(gateway.port());
        assertThat(http.post("/feast/features", stack.registration("shared_view"), ALICE)
                        .status())
                .isIn(200, 201);
        assertThat(http.post("/feast/features", stack.registration("secret_view"), OPS)
                        .status())
                .isIn(200, 201);
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    static String digest(String token) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static String ask(String id, String view) {
        return """
                {"request_id": "%s", "features": ["%s:total_orders"], "spine": {"kind": "IDS",
                 "columns": ["customer_id"], "rows": [["1"]]}}
                """.formatted(id, view);
    }

    private static String[] waiting(String[] caller) {
        return new String[] {caller[0], caller[1], "Prefer", "wait=60"};
    }

    private static void isForbidden(Http.Answer answer) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(403);
        assertThat(answer.code()).isEqualTo(Code.FORBIDDEN.name());
    }

    @Test
    void doesNotStartOpenForOthers() {
        assertThatThrownBy(() -> stack.gateway("firn.gateway.host", "0.0.0.0"))
                .isInstanceOfSatisfying(
                        ServiceRefusedException.class,
                        e -> assertThat(e.code()).isEqualTo(Code.AUTHENTICATION_REQUIRED));
    }

    @Test
    void wantsAToken() {
        Http.Answer answer = http.get("/feast/features");
        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.header("WWW-Authenticate")).isEqualTo("Bearer");
        assertThat(http.get("/feast/features", "Authorization", "Bearer wrong").code())
                .isEqualTo(Code.UNAUTHENTICATED.name());
    }

    @Test
    void showsAndChangesOnlyWhatTheCallerMay() {
        isForbidden(http.get("/feast/features/secret_view", ALICE));
        assertThat(http.get("/feast/features/shared_view", BOB)
                        .json()
                        .path("principal")
                        .asText())
                .as("who asked for it")
                .isEqualTo("alice");
        isForbidden(http.post("/feast/features", stack.registration("other_view"), ALICE));
        isForbidden(http.post(
                "/feast/features", stack.registration("shared_2").replace("\"iceberg\"", "\"other\""), ALICE));
        isForbidden(http.delete("/feast/features/secret_view", ALICE));
        assertThat(http.get("/feast/features", ALICE).json().path("items"))
                .allSatisfy(view -> assertThat(view.path("name").asText()).startsWith("shared_"));
        isForbidden(http.get("/dead-letters", ALICE));
        assertThat(http.get("/dead-letters", OPS).status()).isEqualTo(200);
        isForbidden(http.put("/standing/other", ask("x", "shared_view"), ALICE));
        isForbidden(http.put("/standing/shared-1", ask("x", "secret_view"), ALICE));
        isForbidden(http.get("/standing/other", ALICE));
        isForbidden(http.delete("/standing/other", ALICE));
        isForbidden(http.get("/standing/other/events", ALICE));
        for (String act : new String[] {"run", "suspend", "resume"}) {
            isForbidden(http.post("/standing/other/" + act, "", ALICE));
        }
        isForbidden(
                http.post("/table-hints", "{\"catalog\": \"other\", \"schema\": \"s\", \"table_name\": \"t\"}", ALICE));
    }

    @Test
    void onlyWhoAskedAndAdministratorsCancel() {
        isForbidden(http.delete("/retrievals/of-nobody", ALICE));
        http.post("/retrievals", ask("ended-by-alice", "shared_view"), ALICE);
        // whether it still runs or has its result
        isForbidden(http.delete("/retrievals/ended-by-alice", BOB));
        assertThat(http.delete("/retrievals/ended-by-alice", ALICE).status()).isEqualTo(200);
        isForbidden(http.delete("/retrievals/secret-1.r1.0123456789abcdef", ALICE));

        Http.Answer cancelled = http.delete("/retrievals/by-ops", OPS);
        assertThat(cancelled.code()).as(cancelled.text()).isEqualTo(Code.CANCELLED.name());
        // whoever asked for it hears what became of it
        assertThat(http.get("/retrievals/by-ops", ALICE).code()).isEqualTo(Code.CANCELLED.name());
        assertThat(http.delete("/retrievals/shared-1.r1.0123456789abcdef", ALICE)
                        .code())
                .isEqualTo(Code.CANCELLED.name());
    }

    /// A gateway that did not send the request finds who asked in the claim of the worker that runs it.
    @Test
    void whoAskedCancelsThroughAnotherGatewayToo() {
        try (Storage storage = CatalogFactory.openStorage(stack.config())) {
            ResultLayout layout = ResultLayout.of(stack.config());
            storage.putIfAbsent(
                    new AttemptNote(1, "token", AttemptNote.Kind.CLAIM).location(layout, "sent-elsewhere"),
                    "{\"principal\": \"alice\"}".getBytes(StandardCharsets.UTF_8));
        }
        isForbidden(http.delete("/retrievals/sent-elsewhere", BOB));
        assertThat(http.delete("/retrievals/sent-elsewhere", ALICE).code()).isEqualTo(Code.CANCELLED.name());
    }

    @Test
    void aRetrievalReadsOnlyWhatTheCallerMay() {
        isForbidden(http.post("/retrievals", ask("r1", "secret_view"), ALICE));
        // an alias does not hide the view
        isForbidden(http.post("/retrievals", """
                {"features": ["a:total_orders"], "views": [{"view": "secret_view", "alias": "a"}],
                 "spine": {"kind": "ALL"}}
                """, ALICE));
        isForbidden(http.post("/retrievals", """
                {"features": ["shared_view:total_orders"], "spine": {"kind": "TABLE", "table": "other.s.t"}}
                """, ALICE));
        // tags are written to tables
        isForbidden(
                http.post("/retrievals", ask("r2", "shared_view").replaceFirst("\\{", "{\"retain\": true, "), ALICE));
        isForbidden(http.post("/retrievals", """
                {"features": ["shared_view:total_orders"],
                 "spine": {"kind": "PARQUET", "locations": ["s3://lake/spines/of-others.parquet"]}}
                """, ALICE));
    }

    @Test
    void onlyWhoAskedAndAdministratorsReadAResult() {
        assertThat(http.post("/retrievals", ask("of-alice", "shared_view"), waiting(ALICE))
                        .status())
                .isEqualTo(200);

        for (String path : new String[] {"", "/rows", "/files/0", "/events"}) {
            assertThat(http.get("/retrievals/of-alice" + path, ALICE).status())
                    .as(path)
                    .isEqualTo(200);
            assertThat(http.get("/retrievals/of-alice" + path, OPS).status())
                    .as(path)
                    .isEqualTo(200);
            isForbidden(http.get("/retrievals/of-alice" + path, BOB));
        }
        // the same request by somebody else does not open it, and pins do not either
        isForbidden(http.post("/retrievals", ask("of-alice", "shared_view"), BOB));
        String manifest = http.get("/retrievals/of-alice", ALICE)
                .json()
                .path("manifest_location")
                .asText();
        String pinned = ask("pinned", "shared_view").replaceFirst("\\{", "{\"pins_location\": \"" + manifest + "\", ");
        isForbidden(http.post("/retrievals", pinned, BOB));
        assertThat(http.post("/retrievals", pinned, waiting(ALICE)).status()).isEqualTo(200);
    }

    @Test
    void rowsAsTheBodyNeedNoRight() {
        Http.Answer answer = http.send(
                "POST",
                "/retrievals?features=shared_view:total_orders",
                HttpRequest.BodyPublishers.ofString("customer_id,event_timestamp\n1,2026-03-01T00:00:00Z\n"),
                "Content-Type",
                "text/csv",
                "Prefer",
                "wait=60",
                BOB[0],
                BOB[1]);

        assertThat(answer.json().path("status").asText()).as(answer.text()).isEqualTo("SUCCEEDED");
    }
}
