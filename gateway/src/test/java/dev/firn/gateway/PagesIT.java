package dev.firn.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.embedded.StackUser;
import dev.firn.schemas.Code;
import dev.firn.schemas.Topic;
import dev.firn.testkit.TextTable;
import dev.firn.testkit.Waiting;
import dev.firn.testkit.WithStack;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.Cookie;
import org.openqa.selenium.Keys;

/// The pages in a real browser, on a running system with hostile names.
@WithStack
final class PagesIT {
    private static final Path SCREENSHOTS = Path.of("target", "pages");
    private static final String HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\\u202E";

    private static final String COLUMNS =
            "customer_id bigint, updated_at timestamp(6) with time zone, total_orders bigint, avg_order_value double";

    private static GatewayStack stack;
    private static GatewayRuntime gateway;
    private static Browser browser;
    private static Http http;

    @BeforeAll
    static void start() throws Exception {
        browser = Browser.open();
        stack = GatewayStack.shared();
        gateway = stack.gateway();
        http = Http.to(gateway.port());
        stack.trino.createTable(table(), COLUMNS, TextTable.of(rows("2026-01-01")));
        register("pages_view", HOSTILE);
        register("pages_" + "x".repeat(50), "y".repeat(300));
        isAnswered(http.post("/retrievals", retrieval("pages-1"), "Prefer", "wait=60"));
        isAnswered(http.post(
                "/retrievals", retrieval("pages-2").replace("pages_view", "pages_missing"), "Prefer", "wait=60"));
        isAnswered(http.put("/standing/pages-standing", retrieval("pages-standing-1")));
        deadLetter();
        commit("2026-02-01");
        commit("2026-03-01");
    }

    private static String table() {
        return "iceberg.%s.pages_customers".formatted(stack.schema);
    }

    private static String rows(String day) {
        return """
                customer_id | updated_at              | total_orders | avg_order_value
                1           | %1$s 00:00:00 UTC | 10           | 1.5
                2           | %1$s 10:00:00 UTC | 20           | 3.5
                """.formatted(day);
    }

    /// A commit that the pages show once Firn has seen it.
    private static void commit(String day) {
        long before = commits();
        stack.trino.insert(table(), TextTable.of(rows(day)));
        Waiting.until(GatewayStack.LIMIT, () -> commits() > before, "the commit of " + day);
    }

    private static long commits() {
        return http.get("/commits?limit=1000").json().path("items").findValuesAsText("table_name").stream()
                .filter("pages_customers"::equals)
                .count();
    }

    @AfterAll
    static void stop() {
        if (gateway != null) {
            gateway.close();
        }
        if (browser != null) {
            browser.close();
        }
    }

    private static void register(String view, String text) {
        isAnswered(http.post(
                "/feast/features",
                stack.registration(view)
                        .replace("customer_aggregates", "pages_customers")
                        .replaceFirst("\\{", Matcher.quoteReplacement("""
                        {"owner": "%1$s", "description": "%1$s", "tags": {"%1$s": "%1$s"},\
                        """.formatted(text)))));
    }

    private static void isAnswered(Http.Answer answer) {
        assertThat(answer.status()).as(answer.text()).isIn(200, 201);
    }

    private static String retrieval(String id) {
        return """
                {"request_id": "%s", "features": ["pages_view:total_orders", "pages_view:avg_order_value"],
                 "spine": {"kind": "ROWS", "columns": ["customer_id", "event_timestamp", "note"],
                  "rows": [["1", "2026-01-15 00:00:00 UTC", "%s"], ["2", "2026-02-15 00:00:00 UTC", null],
                           ["3", "2026-02-15 00:00:00 UTC", "%s"]]}}
                """.formatted(id, HOSTILE, "z".repeat(300));
    }

    private static void deadLetter() throws Exception {
        byte[] garbage = "<script>alert(3)</script>".getBytes(StandardCharsets.UTF_8);
        try (var producer = new KafkaProducer<>(
                stack.addresses.kafkaProperties(StackUser.PRODUCER),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(stack.namespace.topic(Topic.RETRIEVAL_REQUESTS), garbage, garbage))
                    .get();
        }
    }

    private static String url(String path) {
        return "http://127.0.0.1:" + gateway.port() + path;
    }

    /// The pages, with something that each shows once everything has arrived.
    private static Map<String, String> pages() {
        Map<String, String> pages = new LinkedHashMap<>();
        pages.put("/ui/views", "pages_view");
        pages.put("/ui/views/pages_view", "APPEND");
        pages.put("/ui/views/pages_" + "x".repeat(50), "y".repeat(300));
        pages.put("/ui/retrievals", "pages-1");
        pages.put("/ui/retrievals/pages-1", "SUCCEEDED");
        pages.put("/ui/retrievals/pages-2", "UNKNOWN_VIEW");
        pages.put("/ui/retrievals/pages-unknown", "nobody has been seen");
        pages.put("/ui/standing", "pages-standing");
        pages.put("/ui/standing/pages-standing", "pages-standing.r1");
        pages.put("/ui/dead-letters", "<script>alert(3)</script>");
        pages.put("/ui/views/none", "UNKNOWN_VIEW");
        return pages;
    }

    @Test
    void everyPageIsReadableEverywhere() {
        for (Browser.Look look : Browser.Look.values()) {
            browser.look(look);
            pages().forEach((path, text) -> {
                browser.go(url(path));
                browser.await(text);
                String name = "%s-%s".formatted(path.substring(4).replace('/', '-'), look);
                browser.keep(SCREENSHOTS.resolve(name.substring(0, Math.min(80, name.length())) + ".png"));

                assertThat(browser.script(
                                "return document.documentElement.scrollWidth - document.documentElement.clientWidth"))
                        .as("%s is too wide", name)
                        .isEqualTo(0L);
                browser.isAccessible();
                assertThat(loaded()).as(name).allMatch(address -> address.startsWith(url("/")));
                // a page of something unknown is a 404, which the browser reports
                assertThat(browser.errors())
                        .as(name)
                        .filteredOn(error -> !path.endsWith("none"))
                        .isEmpty();
            });
        }
    }

    @SuppressWarnings("unchecked")
    private static List<String> loaded() {
        return (List<String>) browser.script("return performance.getEntriesByType('resource').map(one => one.name)");
    }

    @Test
    void chartsAreDrawn() {
        browser.look(Browser.Look.LIGHT);
        browser.go(url("/ui/retrievals/pages-1"));

        browser.await("Median");
        assertThat(browser.all(".chart canvas")).hasSize(1);
        browser.go(url("/ui/views/pages_view"));
        browser.await("Seen by Firn");
        assertThat(browser.all(".chart canvas")).hasSize(1);
    }

    @Test
    void aPageOfARetrievalFollowsItUntilItsResult() {
        browser.look(Browser.Look.LIGHT);
        browser.go(url("/ui/retrievals/pages-followed"));
        browser.await("nobody has been seen");
        http.post("/retrievals", retrieval("pages-followed"));

        // without a reload
        browser.await("SUCCEEDED");
        browser.await("First rows");
        assertThat(browser.errors()).isEmpty();
    }

    /// As when the stream of events broke off just before the result.
    @Test
    void aPageThatMissedTheResultIsLoadedAnewWhenItAsksNext() {
        browser.look(Browser.Look.LIGHT);
        browser.go(url("/ui/retrievals/pages-missed"));
        browser.await("nobody has been seen");
        browser.script("document.getElementById('live')['htmx-internal-data'].sseEventSource.close(); return true");
        isAnswered(http.post("/retrievals", retrieval("pages-missed"), "Prefer", "wait=60"));

        browser.script("return htmx.trigger('#state', 'sse:RetrievalProgress')");

        browser.await("First rows");
        assertThat(browser.errors()).isEmpty();
    }

    @Test
    void aRetrievalIsCancelledFromItsPage() {
        browser.look(Browser.Look.LIGHT);
        browser.go(url("/ui/retrievals/pages-cancelled"));
        browser.await("nobody has been seen");

        browser.find(".cancel summary").click();
        browser.find(".cancel button").click();

        browser.await(Code.CANCELLED.name());
        assertThat(http.get("/retrievals/pages-cancelled").json().path("code").asText())
                .isEqualTo(Code.CANCELLED.name());
    }

    @Test
    void theButtonCopiesTheLines() {
        browser.look(Browser.Look.LIGHT);
        browser.go(url("/ui/retrievals/pages-1"));
        browser.await("read_parquet");

        browser.find("[data-copy]").click();

        browser.await("Copied");
    }

    @Test
    void theKeyboardReachesEverything() {
        browser.look(Browser.Look.LIGHT);
        browser.go(url("/ui/views"));
        browser.find("body").sendKeys(Keys.TAB);
        assertThat(browser.driver.switchTo().activeElement().getText()).isEqualTo("Skip to content");
        browser.driver.switchTo().activeElement().sendKeys(Keys.ENTER);
        browser.find("input[name=q]").sendKeys("pages_v", Keys.ENTER);

        browser.await("1 view");
        assertThat(browser.text()).contains("pages_view").doesNotContain("pages_xxx");
    }

    @Test
    void signsInWithATokenAndSeesOnlyWhatTheTokenMay() throws IOException {
        Path tokens = Files.writeString(
                stack.folder.resolve("pages-tokens.properties"),
                "alice=%s\n".formatted(AccessIT.digest("alice-token")));
        Path rules = Files.writeString(stack.folder.resolve("pages-rules.json"), """
                {"rules": [{"principals": ["alice"], "read": {"views": ["pages_view"]}}]}
                """);
        browser.look(Browser.Look.LIGHT);
        try (GatewayRuntime guarded = stack.gateway(
                "firn.gateway.tokens-file", tokens.toString(), "firn.gateway.rules-file", rules.toString())) {
            String base = "http://127.0.0.1:" + guarded.port();
            browser.go(base + "/ui/views/pages_view");
            browser.await("Bearer token");
            browser.keep(SCREENSHOTS.resolve("sign-in.png"));
            browser.isAccessible();
            browser.find("#token").sendKeys("wrong", Keys.ENTER);
            browser.await("The bearer token is not known.");
            browser.find("#token").sendKeys("alice-token", Keys.ENTER);

            // the page that was asked for
            browser.await("total_orders");
            Cookie cookie = Objects.requireNonNull(browser.driver.manage().getCookieNamed("firn-token"));
            assertThat(cookie.isHttpOnly()).isTrue();
            assertThat(cookie.getSameSite()).isEqualTo("Strict");
            browser.go(base + "/ui/views");
            browser.await("1 view");
            for (String forbidden : List.of(
                    "/ui/views/pages_" + "x".repeat(50),
                    "/ui/dead-letters",
                    "/ui/retrievals/pages-1",
                    "/ui/standing/pages-standing")) {
                browser.go(base + forbidden);
                browser.await("FORBIDDEN");
            }
            browser.go(base + "/ui/retrievals");
            browser.await("0 retrievals");

            browser.find("header button").click();
            browser.await("Bearer token");
            assertThat(browser.driver.manage().getCookieNamed("firn-token")).isNull();
            browser.errors();
        }
    }

    /// Anyone may follow an id without an outcome, but not read every outcome.
    @Test
    void aPageThatMayNotBeSeenAnyLongerSaysSoAndSoDoesOneWhoseGatewayIsAway() throws IOException {
        Path tokens = Files.writeString(
                stack.folder.resolve("pages-strangers.properties"),
                "alice=%s\n".formatted(AccessIT.digest("alice-token")));
        Path rules = Files.writeString(stack.folder.resolve("pages-strangers.json"), "{\"rules\": []}");
        browser.look(Browser.Look.LIGHT);
        try (GatewayRuntime guarded = stack.gateway(
                "firn.gateway.tokens-file", tokens.toString(), "firn.gateway.rules-file", rules.toString())) {
            String base = "http://127.0.0.1:" + guarded.port();
            browser.go(base + "/ui/retrievals/pages-strangers");
            browser.await("Bearer token");
            browser.find("#token").sendKeys("alice-token", Keys.ENTER);
            browser.await("nobody has been seen");
            isAnswered(http.post("/retrievals", retrieval("pages-strangers"), "Prefer", "wait=60"));

            browser.await("FORBIDDEN");

            browser.go(base + "/ui/retrievals");
            browser.await("0 retrievals");
        }
        browser.await("This page is not current: the gateway did not answer");
        browser.errors();
    }
}
