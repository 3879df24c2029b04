package dev.firn.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.firn.schemas.Code;
import dev.firn.testkit.WithStack;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// The architecture's call on real parts.
@WithStack
final class FeaturesIT {
    private static GatewayStack stack;
    private static GatewayRuntime gateway;
    private static Http http;

    @BeforeAll
    static void start() {
        stack = GatewayStack.shared();
        gateway = stack.gateway();
        http = Http.to(gateway.port());
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @Test
    void registersAsTheArchitectureSays() throws IOException {
        Http.Answer first = http.post("/feast/features", stack.registration("customer_features"));

        assertThat(first.status()).as(first.text()).isEqualTo(201);
        assertThat(first.json()).isEqualTo(new ObjectMapper().readTree("""
                {
                  "name": "customer_features",
                  "source_table": "%s",
                  "message": "Feature view 'customer_features' successfully registered from Iceberg %s layer with 2 features (offline store only)"
                }
                """.formatted(stack.table(), stack.schema)));
        assertThat(first.header("Location")).isEqualTo("/feast/features/customer_features");

        Http.Answer again = http.post("/feast/features", stack.registration("customer_features"));
        assertThat(again.status()).isEqualTo(200);

        Http.Answer shown = http.get("/feast/features/customer_features");
        assertThat(shown.status()).isEqualTo(200);
        assertThat(shown.json().path("principal").asText()).isEqualTo("anonymous");
        assertThat(shown.json().path("version").asLong()).isEqualTo(1);
        assertThat(http.get("/feast/features").json().path("items"))
                .anySatisfy(view -> assertThat(view.path("name").asText()).isEqualTo("customer_features"));
    }

    @Test
    void aViewIsSeenAsSoonAsItsRegistrationIsAnswered() {
        for (int i = 0; i < 5; i++) {
            String view = "seen_" + i;
            assertThat(http.post("/feast/features", stack.registration(view)).status())
                    .isEqualTo(201);
            assertThat(http.get("/feast/features/" + view).status()).isEqualTo(200);
        }
    }

    @Test
    void listsViewsPageByPage() {
        for (String view : new String[] {"paged_1", "paged_2", "paged_3"}) {
            http.post("/feast/features", stack.registration(view));
        }
        List<String> names = new ArrayList<>();
        String next = "paged_";
        while (next.startsWith("paged_")) {
            JsonNode page = http.get("/feast/features?limit=2&after=" + next).json();
            assertThat(page.path("items")).hasSizeLessThanOrEqualTo(2);
            names.addAll(page.path("items").findValuesAsText("name").stream()
                    .filter(name -> name.startsWith("paged_"))
                    .toList());
            next = page.path("next").asText();
        }

        assertThat(names).containsExactly("paged_1", "paged_2", "paged_3");
    }

    /// As while Trino is slow.
    @Test
    void waitsNoLongerThanTheGatewayDoes() {
        try (GatewayRuntime hasty = stack.gateway("firn.gateway.wait", "0s")) {
            Http.Answer answer = Http.to(hasty.port()).post("/feast/features", stack.registration("hasty"));

            assertThat(answer.status()).isEqualTo(202);
            assertThat(answer.header("Location")).isEqualTo("/feast/features/hasty");
        }
    }

    @Test
    void tellsEveryViolation() {
        String wrong = stack.registration("wrong")
                .replace("\"total_orders\"", "\"total_order\"")
                .replace("float64", "bool");

        Http.Answer answer = http.post("/feast/features", wrong);

        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.header("Content-Type")).startsWith("application/problem+json");
        assertThat(answer.code()).isEqualTo(Code.REFUSED.name());
        assertThat(answer.json().path("violations")).hasSize(2);
        assertThat(answer.json().path("violations").path(0).path("suggestion").asText())
                .isEqualTo("total_orders");
    }

    @Test
    void anIdIsOneRequest() {
        String view = "one_request";
        assertThat(http.post("/feast/features", stack.registration(view), "Idempotency-Key", "one-request-1")
                        .status())
                .isEqualTo(201);
        Http.Answer repeated =
                http.post("/feast/features", stack.registration(view), "Idempotency-Key", "\"one-request-1\"");
        assertThat(repeated.status()).isEqualTo(201);
        assertThat(repeated.header("Firn-Request-Id")).isEqualTo("one-request-1");

        Http.Answer other = http.post(
                "/feast/features",
                stack.registration(view).replace("\"online\": false", "\"owner\": \"somebody\""),
                "Idempotency-Key",
                "one-request-1");
        assertThat(other.status()).isEqualTo(422);
        assertThat(other.code()).isEqualTo(Code.REQUEST_ID_REUSED.name());
    }

    @Test
    void dropsAView() {
        http.post("/feast/features", stack.registration("dropped"));

        assertThat(http.delete("/feast/features/dropped").status()).isEqualTo(200);

        assertThat(http.get("/feast/features/dropped").json().path("status").asText())
                .isEqualTo("DROPPED");
        Http.Answer unknown = http.delete("/feast/features/never_there");
        assertThat(unknown.status()).isEqualTo(404);
        assertThat(unknown.code()).isEqualTo(Code.UNKNOWN_VIEW.name());
        assertThat(http.get("/feast/features/never_there").status()).isEqualTo(404);
    }

    @Test
    void doesNotWaitLongerThanAsked() {
        Http.Answer answer =
                http.post("/feast/features", stack.registration("later"), "Prefer", "respond-async, wait=0");

        assertThat(answer.status()).isEqualTo(202);
        assertThat(answer.code()).isEqualTo(Code.NO_ANSWER_YET.name());
        assertThat(answer.header("Location")).isEqualTo("/feast/features/later");
        // the same key later gives the answer
        assertThat(http.post(
                                "/feast/features",
                                stack.registration("later"),
                                "Idempotency-Key",
                                answer.header("Firn-Request-Id"))
                        .status())
                .isEqualTo(201);
    }

    @Test
    void refusesWhatItDoesNotUnderstand() {
        assertThat(http.post("/feast/features", "{").code()).isEqualTo(Code.MALFORMED_JSON.name());
        assertThat(http.post("/feast/features", "{").status()).isEqualTo(400);
        assertThat(http.post("/feast/features", "{\"naem\": \"x\"}").json().path("violations"))
                .anySatisfy(one -> assertThat(one.path("code").asText()).isEqualTo(Code.UNKNOWN_FIELD.name()));
        assertThat(http.post("/feast/features", "a,b", "Content-Type", "text/csv")
                        .code())
                .isEqualTo(Code.UNSUPPORTED_MEDIA_TYPE.name());
        assertThat(http.post("/feast/features", " ".repeat(2 << 20)).code()).isEqualTo(Code.BODY_TOO_LARGE.name());
        assertThat(http.post("/feast/features", stack.registration("x"), "Idempotency-Key", "a/b")
                        .code())
                .isEqualTo(Code.INVALID_REQUEST_ID.name());
        assertThat(http.post(
                                "/feast/features",
                                stack.registration("x")
                                        .replace("\"name\": \"x\"", "\"name\": \"x\", \"request_id\": \"a\""),
                                "Idempotency-Key",
                                "b")
                        .code())
                .isEqualTo(Code.BAD_PARAMETER.name());
        assertThat(http.get("/nowhere").code()).isEqualTo(Code.NOT_FOUND.name());
        assertThat(http.delete("/feast/features").code()).isEqualTo(Code.METHOD_NOT_ALLOWED.name());
        assertThat(http.delete("/feast/features").status()).isEqualTo(405);
    }
}
