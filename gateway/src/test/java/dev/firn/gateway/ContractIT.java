package dev.firn.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.firn.gateway.http.Route;
import dev.firn.testkit.Waiting;
import dev.firn.testkit.WithStack;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// The OpenAPI document says what the running gateway does: each route is called, and each answer is described.
@WithStack
final class ContractIT {
    private static final Pattern REFERENCE = Pattern.compile("#/components/schemas/(\\w+)");
    private static final List<Route> STREAMS = List.of(Route.STANDING_EVENTS, Route.COMMIT_EVENTS);

    @Test
    void everyRouteDoesWhatTheDocumentSays() {
        GatewayStack stack = GatewayStack.shared();
        try (GatewayRuntime gateway = stack.gateway()) {
            Http http = Http.to(gateway.port());
            DescribedApi api = new DescribedApi(http.get("/openapi.json").json());
            String[] wait = {"Prefer", "wait=60"};
            String request = """
                    {"request_id": "contract", "features": ["contract:total_orders"],
                     "spine": {"kind": "IDS", "columns": ["customer_id"], "rows": [["1"]]}}
                    """;
            String[] table = stack.table().split("\\.", -1);

            api.check(Route.OPEN_API, http.get("/openapi.json"));
            api.check(Route.REGISTER, http.post("/feast/features", stack.registration("contract")));
            api.check(Route.REGISTER, http.post("/feast/features", stack.registration("contract")));
            api.check(Route.REGISTER, http.post("/feast/features", "{}"));
            api.check(Route.REGISTER, http.post("/feast/features", stack.registration("contract"), "Prefer", "wait=0"));
            api.check(Route.LIST_VIEWS, http.get("/feast/features?limit=1"));
            api.check(Route.GET_VIEW, http.get("/feast/features/contract"));
            unchanged(api, Route.GET_VIEW, http, "/feast/features/contract");
            api.check(Route.GET_VIEW, http.get("/feast/features/none"));
            api.check(Route.GET_RETRIEVAL, http.get("/retrievals/contract"));
            api.check(Route.RETRIEVE, http.post("/retrievals", request));
            api.check(Route.GET_RETRIEVAL, http.get("/retrievals/contract", wait));
            api.check(Route.RETRIEVE, http.post("/retrievals", request, wait));
            api.check(Route.RETRIEVAL_EVENTS, http.get("/retrievals/contract/events"));
            api.check(Route.RETRIEVAL_EVENTS, http.get("/retrievals/contract/events", "Last-Event-ID", "end"));
            api.check(Route.GET_FILE, http.get("/retrievals/contract/files/0"));
            api.check(Route.GET_FILE, http.get("/retrievals/contract/files/0", "Range", "bytes=0-3"));
            unchanged(api, Route.GET_FILE, http, "/retrievals/contract/files/0");
            unchanged(api, Route.GET_RETRIEVAL, http, "/retrievals/contract");
            api.check(Route.GET_FILE, http.get("/retrievals/contract-none/files/0"));
            api.check(Route.GET_ROWS, http.get("/retrievals/contract-none/rows"));
            api.check(Route.GET_CHANGES, http.get("/retrievals/contract/changes/0"));
            api.check(Route.GET_ROWS, http.get("/retrievals/contract/rows"));
            api.check(Route.CANCEL_RETRIEVAL, http.delete("/retrievals/contract"));
            api.check(Route.CANCEL_RETRIEVAL, http.delete("/retrievals/contract-2", "Prefer", "wait=0"));
            api.check(Route.CANCEL_RETRIEVAL, http.delete("/retrievals/contract-3?reason=superseded"));
            String standing = request.replace("\"request_id\": \"contract\"", "\"request_id\": \"contract-1\"");
            api.check(Route.CREATE_STANDING, http.put("/standing/contract", standing));
            succeeded(http, "contract.r1.");
            api.check(Route.RUN_STANDING, http.post("/standing/contract/run", ""));
            api.check(
                    Route.GET_CHANGES, http.get("/retrievals/%s/changes/0".formatted(succeeded(http, "contract.r2."))));
            api.check(Route.LIST_STANDING, http.get("/standing"));
            api.check(Route.GET_STANDING, http.get("/standing/contract"));
            api.check(Route.SUSPEND_STANDING, http.post("/standing/contract/suspend", ""));
            api.check(Route.RUN_STANDING, http.post("/standing/contract/run", ""));
            api.check(Route.RESUME_STANDING, http.post("/standing/contract/resume", ""));
            api.check(Route.RUN_STANDING, http.post("/standing/contract/run", ""));
            api.check(Route.RESUME_STANDING, http.post("/standing/none/resume", ""));
            api.check(Route.CANCEL_STANDING, http.delete("/standing/contract"));
            api.check(Route.CANCEL_STANDING, http.delete("/standing/none"));
            api.check(Route.LIST_COMMITS, http.get("/commits"));
            api.check(Route.LIST_DEAD_LETTERS, http.get("/dead-letters"));
            api.check(
                    Route.HINT,
                    http.post(
                            "/table-hints",
                            "{\"catalog\": \"%s\", \"schema\": \"%s\", \"table_name\": \"%s\"}"
                                    .formatted(table[0], table[1], table[2])));
            api.check(Route.DROP_VIEW, http.delete("/feast/features/contract"));

            assertThat(Arrays.stream(Route.values()).filter(route -> !STREAMS.contains(route)))
                    .allMatch(api.seen()::contains);
            String text = http.get("/openapi.json").text();
            assertThat(REFERENCE.matcher(text).results().map(found -> found.group(1)))
                    .allMatch(name -> text.contains("\"%s\":{".formatted(name)));
        }
    }

    /// Asks for what it has.
    private static void unchanged(DescribedApi api, Route route, Http http, String path) {
        Http.Answer first = http.get(path);
        Http.Answer again = api.check(route, http.get(path, "If-None-Match", first.header("ETag")));
        assertThat(again.status()).isEqualTo(304);
        assertThat(again.header("ETag")).isEqualTo(first.header("ETag"));
        api.check(route, http.get(path, "If-Match", "\"another\""));
    }

    /// The id of the run of the standing retrieval that begins so, once it has succeeded.
    private static String succeeded(Http http, String start) {
        AtomicReference<String> run = new AtomicReference<>("");
        Waiting.until(
                GatewayStack.LIMIT,
                () -> {
                    JsonNode standing = http.get("/standing/contract").json();
                    run.set(standing.path("last_run_id").asText());
                    return Objects.requireNonNull(run.get()).startsWith(start)
                            && standing.path("last_status").asText().equals("SUCCEEDED");
                },
                "the run " + start);
        return Objects.requireNonNull(run.get());
    }

    /// Everything that the page loads comes from the gateway.
    @Test
    void thePageNeedsNoNetwork() {
        try (GatewayRuntime gateway = GatewayStack.shared().gateway()) {
            Http http = Http.to(gateway.port());
            String page = http.get("/docs/").text();
            Map<String, String> types = Map.of(
                    "/docs/ui/swagger-ui.css", "text/css",
                    "/docs/ui/swagger-ui-bundle.js", "text/javascript",
                    "/docs/start.js", "text/javascript");

            assertThat(page).contains(types.keySet()).doesNotContain("http://").doesNotContain("https://");
            types.forEach((path, type) -> {
                assertThat(http.get(path).status()).as(path).isEqualTo(200);
                assertThat(http.get(path).header("Content-Type")).as(path).startsWith(type);
            });
        }
    }
}
