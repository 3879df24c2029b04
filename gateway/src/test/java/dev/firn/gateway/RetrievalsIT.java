package dev.firn.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.firn.config.FirnConfig;
import dev.firn.events.RetrievalStatus;
import dev.firn.gateway.kafka.KafkaClients;
import dev.firn.lake.storage.Storage;
import dev.firn.schemas.Code;
import dev.firn.schemas.Topic;
import dev.firn.service.CatalogFactory;
import dev.firn.service.result.ResultLayout;
import dev.firn.testkit.TextTable;
import dev.firn.testkit.Waiting;
import dev.firn.testkit.WithStack;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Retrievals over HTTP on real parts.
@WithStack
final class RetrievalsIT {
    private static final String CSV = "customer_id,event_timestamp\n1,2026-01-15T00:00:00Z\n2,2026-03-01T00:00:00Z\n";
    private static final String QUERY = "?features=retrieved:total_orders,retrieved:avg_order_value";

    private static GatewayStack stack;
    private static GatewayRuntime gateway;
    private static Storage storage;
    private static ResultLayout layout;
    private static Http http;

    @BeforeAll
    static void start() {
        stack = GatewayStack.shared();
        gateway = stack.gateway("firn.gateway.max-upload-bytes", "2000000", "firn.gateway.heartbeat", "200ms");
        http = Http.to(gateway.port());
        FirnConfig config = stack.config();
        storage = CatalogFactory.openStorage(config);
        layout = ResultLayout.of(config);
        assertThat(http.post("/feast/features", stack.registration("retrieved")).status())
                .isIn(200, 201);
    }

    @AfterAll
    static void stop() {
        storage.close();
        gateway.close();
    }

    private static String request(String id, String... features) {
        return """
                {"request_id": "%s", "features": ["%s"], "spine": {"kind": "ROWS",
                 "columns": ["customer_id", "event_timestamp"],
                 "rows": [["1", "2026-01-15T00:00:00Z"], ["2", "2026-03-01T00:00:00Z"], ["3", "2026-03-01T00:00:00Z"]]}}
                """.formatted(id, String.join("\", \"", features));
    }

    @Test
    void answersWithTheResultIfItIsThereInTime() {
        Http.Answer answer = http.post("/retrievals", request("waited", "retrieved:total_orders"), "Prefer", "wait=60");

        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.json().path("status").asText()).isEqualTo(RetrievalStatus.SUCCEEDED.name());
        assertThat(answer.json().path("rows").asLong()).isEqualTo(3);

        Http.Answer rows = http.get("/retrievals/waited/rows?limit=2");
        assertThat(rows.json().path("rows").toString())
                .isEqualTo("[[1,\"2026-01-15T00:00:00Z\",10],[2,\"2026-03-01T00:00:00Z\",20]]");
        assertThat(rows.json().path("total_rows").asLong()).isEqualTo(3);
    }

    @Test
    void acceptsAtOnceAndTellsWhereTheResultWillBe() {
        Http.Answer accepted = http.post("/retrievals", request("later", "retrieved:*"));
        assertThat(accepted.status()).isEqualTo(202);
        assertThat(accepted.header("Location")).startsWith("/retrievals/later?digest=");
        assertThat(accepted.code()).isEqualTo(Code.NO_OUTCOME_YET.name());
        assertThat(accepted.json().path("known").asBoolean()).isTrue();

        Http.Answer result = http.get("/retrievals/later", "Prefer", "wait=60");
        assertThat(result.status()).isEqualTo(200);
        assertThat(result.json().path("status").asText()).isEqualTo(RetrievalStatus.SUCCEEDED.name());
        // the manifest says who asked
        assertThat(new String(storage.read(layout.manifest("later"), 1 << 20), StandardCharsets.UTF_8))
                .contains("\"principal\" : \"anonymous\"");
    }

    @Test
    void anIdThatNobodyHasSeenIsNotAnError() {
        Http.Answer answer = http.get("/retrievals/never-seen");

        assertThat(answer.status()).isEqualTo(202);
        assertThat(answer.json().path("known").asBoolean()).isFalse();
        assertThat(http.get("/retrievals/a%2Fb").code()).isEqualTo(Code.INVALID_REQUEST_ID.name());
    }

    @Test
    void tellsWhyARetrievalFailed() {
        Http.Answer answer = http.post("/retrievals", request("failed", "no_such_view:x"), "Prefer", "wait=60");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().path("status").asText()).isEqualTo(RetrievalStatus.FAILED.name());
        assertThat(answer.json().path("violations").path(0).path("code").asText())
                .isEqualTo(Code.UNKNOWN_VIEW.name());
        assertThat(http.get("/retrievals/failed/rows").code()).isEqualTo(Code.RESULT_HAS_NO_FILES.name());
    }

    @Test
    void anIdBelongsToOneBody() {
        http.post("/retrievals", request("mine", "retrieved:total_orders"), "Prefer", "wait=60");

        Http.Answer other = http.post("/retrievals", request("mine", "retrieved:avg_order_value"));
        assertThat(other.status()).isEqualTo(422);
        assertThat(other.code()).isEqualTo(Code.REQUEST_ID_REUSED.name());

        Http.Answer same = http.post("/retrievals", request("mine", "retrieved:total_orders"));
        assertThat(same.status()).isEqualTo(200);
        assertThat(http.post("/retrievals", request("s.r1.0123456789abcdef", "retrieved:*"))
                        .code())
                .isEqualTo(Code.REQUEST_ID_RESERVED.name());
    }

    /// Nobody needs to have sent the request: a cancelled id stays cancelled, whatever bears it.
    @Test
    void cancelsAnIdForWhateverComes() {
        Http.Answer cancelled = http.delete("/retrievals/early?reason=wrong%20month");
        assertThat(cancelled.status()).as(cancelled.text()).isEqualTo(200);
        assertThat(cancelled.code()).isEqualTo(Code.CANCELLED.name());
        assertThat(cancelled.json().path("message").asText()).endsWith(": wrong month");

        for (String feature : List.of("retrieved:total_orders", "retrieved:avg_order_value")) {
            Http.Answer later = http.post("/retrievals", request("early", feature), "Prefer", "wait=60");
            assertThat(later.status()).as(later.text()).isEqualTo(200);
            assertThat(later.json()).isEqualTo(cancelled.json());
        }
        assertThat(http.delete("/retrievals/early").json()).isEqualTo(cancelled.json());
        assertThat(http.get("/retrievals/early/rows").code()).isEqualTo(Code.RESULT_HAS_NO_FILES.name());
        assertThat(http.delete("/retrievals/a%2Fb").code()).isEqualTo(Code.INVALID_REQUEST_ID.name());
    }

    @Test
    void aCancellationThatComesTooLateIsAnsweredWithTheResult() {
        Http.Answer result = http.post("/retrievals", request("done", "retrieved:total_orders"), "Prefer", "wait=60");

        Http.Answer cancelled = http.delete("/retrievals/done");
        assertThat(cancelled.status()).isEqualTo(200);
        assertThat(cancelled.json()).isEqualTo(result.json());
        assertThat(result.json().path("status").asText()).isEqualTo(RetrievalStatus.SUCCEEDED.name());
    }

    @Test
    void doesNotWaitForACancellationIfTheClientDoesNot() {
        Http.Answer cancelled = http.delete("/retrievals/impatient", "Prefer", "wait=0");
        assertThat(cancelled.status()).isEqualTo(202);
        assertThat(cancelled.header("Location")).isEqualTo("/retrievals/impatient");
        assertThat(http.get("/retrievals/impatient", "Prefer", "wait=60").code())
                .isEqualTo(Code.CANCELLED.name());
    }

    @Test
    void aRequestPastItsDeadlineFails() {
        String late = request("late", "retrieved:total_orders")
                .replaceFirst("\\{", "{\"deadline\": \"2024-03-01T00:00:00Z\",");
        Http.Answer answer = http.post("/retrievals", late, "Prefer", "wait=60");
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.code()).isEqualTo(Code.DEADLINE_EXCEEDED.name());

        Http.Answer standing = http.put("/standing/with-deadline", late.replace("\"late\"", "\"late-standing\""));
        assertThat(standing.status()).as(standing.text()).isEqualTo(422);
        assertThat(standing.code()).isEqualTo(Code.DEADLINE_NOT_ALLOWED.name());
    }

    @Test
    void takesRowsAsTheBody() {
        Http.Answer answer = http.send(
                "POST",
                "/retrievals" + QUERY
                        + "&request_id=rows-1&spine.column_types={\"customer_id\":\"int64\"}"
                                .replace("{", "%7B")
                                .replace("}", "%7D")
                                .replace("\"", "%22"),
                HttpRequest.BodyPublishers.ofString(CSV),
                "Content-Type",
                "text/csv; charset=utf-8",
                "Prefer",
                "wait=60");

        assertThat(answer.json().path("status").asText()).as(answer.text()).isEqualTo("SUCCEEDED");
        assertThat(http.get("/retrievals/rows-1/rows").json().path("rows")).hasSize(2);

        // the Parquet of one result is the spine of the next
        byte[] parquet = http.get("/retrievals/rows-1/files/0").response().body();
        Http.Answer second = http.send(
                "POST",
                "/retrievals?features=retrieved:total_orders&full_feature_names=true&spine.columns=customer_id,event_timestamp&request_id=rows-2",
                HttpRequest.BodyPublishers.ofByteArray(parquet),
                "Content-Type",
                "application/vnd.apache.parquet",
                "Prefer",
                "wait=60");
        assertThat(second.json().path("status").asText()).as(second.text()).isEqualTo("SUCCEEDED");
    }

    @Test
    void theSameRowsAreTheSameRequest() {
        String path = "/retrievals" + QUERY + "&request_id=same-rows";
        Http.Answer first = http.send(
                "POST",
                path,
                HttpRequest.BodyPublishers.ofString(CSV),
                "Content-Type",
                "text/csv",
                "Prefer",
                "wait=60");
        Http.Answer second =
                http.send("POST", path, HttpRequest.BodyPublishers.ofString(CSV), "Content-Type", "text/csv");

        assertThat(first.status()).isEqualTo(200);
        assertThat(second.status()).isEqualTo(200);
        assertThat(second.json()).isEqualTo(first.json());
    }

    @Test
    void takesAForm() {
        String boundary = "firn";
        String form = """
                --firn
                Content-Disposition: form-data; name="request"
                Content-Type: application/json

                {"request_id": "form-1", "features": ["retrieved:total_orders"]}
                --firn
                Content-Disposition: form-data; name="rows"; filename="spine.csv"
                Content-Type: text/csv

                customer_id,event_timestamp
                1,2026-01-15T00:00:00Z
                --firn--
                """.replace("\n", "\r\n");
        Http.Answer answer = http.send(
                "POST",
                "/retrievals",
                HttpRequest.BodyPublishers.ofString(form),
                "Content-Type",
                "multipart/form-data; boundary=" + boundary,
                "Prefer",
                "wait=60");

        assertThat(answer.json().path("status").asText()).as(answer.text()).isEqualTo("SUCCEEDED");
        assertThat(answer.json().path("rows").asInt()).isEqualTo(1);
    }

    @Test
    void refusesRowsThatAreNotWhatTheySay() {
        assertThat(rows("{}", "application/vnd.apache.parquet").code()).isEqualTo(Code.UNSUPPORTED_MEDIA_TYPE.name());
        assertThat(rows("PAR1 and some more text, PAR1", "text/csv").code())
                .isEqualTo(Code.UNSUPPORTED_MEDIA_TYPE.name());
        assertThat(rows("a,b\n\0,1\n", "text/csv").status()).isEqualTo(415);
        assertThat(rows("<a/>", "application/xml").status()).isEqualTo(415);
        assertThat(rows("x".repeat(2_000_001), "text/csv").status()).isEqualTo(413);
        assertThat(http.send(
                                "POST",
                                "/retrievals?feature=a:b",
                                HttpRequest.BodyPublishers.ofString(CSV),
                                "Content-Type",
                                "text/csv")
                        .code())
                .isEqualTo(Code.BAD_PARAMETER.name());
    }

    private static Http.Answer rows(String body, String type) {
        return http.send(
                "POST", "/retrievals" + QUERY, HttpRequest.BodyPublishers.ofString(body), "Content-Type", type);
    }

    @Test
    void aBodyThatIsCutOffIsNoRequest() throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), gateway.port())) {
            socket.getOutputStream()
                    .write(("POST /retrievals" + QUERY + "&request_id=cut-off HTTP/1.1\r\nHost: localhost\r\n"
                                    + "Content-Type: text/csv\r\nContent-Length: 100\r\n\r\ncustomer_id,event")
                            .getBytes(StandardCharsets.US_ASCII));
            socket.shutdownOutput();
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            assertThat(answer).startsWith("HTTP/1.1 400").contains(Code.BODY_INCOMPLETE.name());
        }
        assertThat(http.get("/retrievals/cut-off").json().path("known").asBoolean())
                .isFalse();
    }

    @Test
    void streamsFilesWithRanges() {
        http.post("/retrievals", request("ranged", "retrieved:*"), "Prefer", "wait=60");
        Http.Answer whole = http.get("/retrievals/ranged/files/0");
        byte[] bytes = whole.response().body();
        assertThat(whole.status()).isEqualTo(200);
        assertThat(whole.header("Content-Length")).isEqualTo(Integer.toString(bytes.length));
        assertThat(bytes).startsWith('P', 'A', 'R', '1').endsWith('P', 'A', 'R', '1');

        Http.Answer part = http.get("/retrievals/ranged/files/0", "Range", "bytes=4-9");
        assertThat(part.status()).isEqualTo(206);
        assertThat(part.response().body()).isEqualTo(Arrays.copyOfRange(bytes, 4, 10));
        assertThat(part.header("Content-Range")).isEqualTo("bytes 4-9/" + bytes.length);
        assertThat(http.get("/retrievals/ranged/files/0", "Range", "bytes=-4")
                        .response()
                        .body())
                .isEqualTo(Arrays.copyOfRange(bytes, bytes.length - 4, bytes.length));
        assertThat(http.get("/retrievals/ranged/files/0", "Range", "bytes=4-9", "If-Range", "\"other\"")
                        .status())
                .isEqualTo(200);
        Http.Answer outside = http.get("/retrievals/ranged/files/0", "Range", "bytes=99999999-");
        assertThat(outside.status()).isEqualTo(416);
        assertThat(outside.code()).isEqualTo(Code.NOT_ACCEPTABLE_RANGE.name());
        assertThat(outside.header("Content-Range")).isEqualTo("bytes */" + bytes.length);
        assertThat(http.get("/retrievals/ranged/files/1").status()).isEqualTo(404);
    }

    /// What RFC 9110 says of them.
    @Test
    void conditionsAreKept() {
        http.post("/retrievals", request("conditions", "retrieved:*"), "Prefer", "wait=60");
        for (String path : List.of("/retrievals/conditions", "/retrievals/conditions/files/0")) {
            Http.Answer whole = http.get(path);
            String tag = whole.header("ETag");
            assertThat(tag).as(path).startsWith("\"").endsWith("\"");
            assertThat(whole.header("Cache-Control")).isEqualTo("private, no-cache");

            for (String known : List.of(tag, "W/" + tag, "\"other\", " + tag, "*")) {
                Http.Answer unchanged = http.get(path, "If-None-Match", known);
                assertThat(unchanged.status()).as("%s %s", path, known).isEqualTo(304);
                assertThat(unchanged.response().body()).isEmpty();
                assertThat(unchanged.header("ETag")).isEqualTo(tag);
                assertThat(unchanged.header("Cache-Control")).isEqualTo("private, no-cache");
            }
            for (String wrong : List.of("\"other\"", "W/" + tag)) {
                Http.Answer refused = http.get(path, "If-Match", wrong, "If-None-Match", tag);
                assertThat(refused.status()).as("%s %s", path, wrong).isEqualTo(412);
                assertThat(refused.code()).isEqualTo(Code.PRECONDITION_FAILED.name());
            }
            for (String right : List.of(tag, "*", "\"other\"," + tag)) {
                assertThat(http.get(path, "If-Match", right, "If-None-Match", "\"other\"")
                                .response()
                                .body())
                        .as("%s %s", path, right)
                        .isEqualTo(whole.response().body());
            }
        }
        // conditions count only for what would succeed without them
        assertThat(http.get("/retrievals/never-asked", "If-None-Match", "*").status())
                .isEqualTo(202);
        assertThat(http.get("/retrievals/conditions/files/9", "If-None-Match", "*")
                        .status())
                .isEqualTo(404);
    }

    @Test
    void aRangeIsOfWhatTheClientKnows() {
        http.post("/retrievals", request("if-range", "retrieved:*"), "Prefer", "wait=60");
        String path = "/retrievals/if-range/files/0";
        Http.Answer whole = http.get(path);
        String tag = whole.header("ETag");

        Http.Answer part = http.get(path, "Range", "bytes=4-9", "If-Range", tag, "If-Match", tag);
        assertThat(part.status()).isEqualTo(206);
        assertThat(part.header("ETag")).isEqualTo(tag);
        // neither a weak tag nor a time proves that the bytes are the same
        for (String unproven : List.of("W/" + tag, "Wed, 21 Oct 2026 07:28:00 GMT")) {
            Http.Answer all = http.get(path, "Range", "bytes=4-9", "If-Range", unproven);
            assertThat(all.status()).as(unproven).isEqualTo(200);
            assertThat(all.response().body()).isEqualTo(whole.response().body());
        }
        assertThat(http.get(path, "Range", "bytes=4-9", "If-None-Match", tag).status())
                .isEqualTo(304);
        assertThat(http.get(path, "Range", "bytes=99999999-", "If-Match", "\"other\"")
                        .status())
                .isEqualTo(412);
    }

    @Test
    void headTellsWhatGetWould() {
        http.post("/retrievals", request("headed", "retrieved:*"), "Prefer", "wait=60");
        for (String path : List.of(
                "/retrievals/headed",
                "/retrievals/headed/files/0",
                "/retrievals/headed/rows",
                "/feast/features",
                "/feast/features/retrieved",
                "/openapi.json")) {
            Http.Answer get = http.get(path);
            Http.Answer head = http.head(path);
            assertThat(head.status()).as(path).isEqualTo(200);
            assertThat(head.response().body()).isEmpty();
            for (String header : List.of("Content-Type", "Content-Length", "ETag", "Accept-Ranges", "Cache-Control")) {
                assertThat(head.header(header)).as("%s of %s", header, path).isEqualTo(get.header(header));
            }
        }
        String file = "/retrievals/headed/files/0";
        String tag = http.head(file).header("ETag");
        // only GET knows ranges
        assertThat(http.head(file, "Range", "bytes=4-9").status()).isEqualTo(200);
        assertThat(http.head(file, "If-None-Match", tag).status()).isEqualTo(304);
        assertThat(http.head("/retrievals/headed/files/7").status()).isEqualTo(404);
        assertThat(http.head("/retrievals/headed/changes/0").status()).isEqualTo(404);
        assertThat(http.head("/retrievals/headed/events").header("Content-Type"))
                .isEqualTo("text/event-stream");
    }

    /// A client that takes every success for the file would keep the problem as one.
    @Test
    void whatIsNotThereYetIsNoSuccess() {
        for (String path : List.of("/files/0", "/changes/0", "/rows")) {
            Http.Answer early = http.get("/retrievals/not-yet" + path);
            assertThat(early.status()).as(path).isEqualTo(409);
            assertThat(early.code()).isEqualTo(Code.NO_OUTCOME_YET.name());
            assertThat(early.header("Retry-After")).isNotEmpty();
        }
    }

    @Test
    void aResultWhoseFilesAreGoneHasExpired() {
        JsonNode result = http.post("/retrievals", request("expired", "retrieved:*"), "Prefer", "wait=60")
                .json();
        storage.delete(List.of(result.path("files").path(0).path("location").asText()));

        for (String path : List.of("", "/files/0", "/rows")) {
            Http.Answer answer = http.get("/retrievals/expired" + path);
            assertThat(answer.status()).as(path).isEqualTo(410);
            assertThat(answer.code()).isEqualTo(Code.RESULT_EXPIRED.name());
            assertThat(answer.header("ETag")).isEmpty();
            assertThat(http.head("/retrievals/expired" + path).status()).isEqualTo(410);
            assertThat(http.get("/retrievals/expired" + path, "If-None-Match", "*")
                            .status())
                    .isEqualTo(410);
        }
    }

    @Test
    void followsARetrievalAsEvents() {
        http.post("/retrievals", request("followed", "retrieved:*"));

        String events = http.get("/retrievals/followed/events").text();

        assertThat(events).contains("event: RetrievalResult\nid: end\ndata: {\"request_id\":\"followed\"");
        // afterwards the result alone
        assertThat(http.get("/retrievals/followed/events").text()).contains("event: RetrievalResult");
    }

    @Test
    void aStreamHasAnEnd() {
        http.post("/retrievals", request("ended", "retrieved:*"), "Prefer", "wait=60");

        assertThat(http.get("/retrievals/ended/events").text()).contains("event: RetrievalResult\nid: end\ndata: ");
        // a browser connects again unless it is told that there is nothing more
        assertThat(http.get("/retrievals/ended/events", "Last-Event-ID", "end").status())
                .isEqualTo(204);
        assertThat(http.get("/retrievals/ended/events", "Last-Event-ID", "00000000-1")
                        .text())
                .contains("event: RetrievalResult\nid: end\n");
    }

    /// It leaves nothing on the store, so only those who have heard it can tell.
    @Test
    void whatWasRefusedBeforeItRanIsToldAfterwardsToo() throws Exception {
        String position = eventsUntil("/retrievals/undecodable/events", "", "id: ");
        position = position.substring(position.lastIndexOf("id: ") + 4);
        try (Producer<byte[], byte[]> producer = new KafkaClients(stack.config()).producer()) {
            producer.send(new ProducerRecord<>(
                            stack.namespace.topic(Topic.RETRIEVAL_REQUESTS),
                            "undecodable".getBytes(StandardCharsets.UTF_8),
                            new byte[] {1, 2, 3}))
                    .get();
        }
        Waiting.until(
                GatewayStack.LIMIT,
                () -> http.get("/retrievals/undecodable").status() == 200,
                "the refusal, by somebody who does not wait");

        assertThat(http.get("/retrievals/undecodable").code()).isEqualTo(Code.UNDECODABLE_REQUEST.name());
        assertThat(http.get("/retrievals/undecodable").header("ETag")).isEmpty();
        assertThat(http.get("/retrievals/undecodable?digest=of-another").status())
                .isEqualTo(202);
        assertThat(http.get("/retrievals/undecodable/events").text())
                .contains("event: RetrievalResult\nid: end\ndata: {\"request_id\":\"undecodable\"");
        // the same id again: what was said before is not the answer
        Http.Answer again = http.post("/retrievals", request("undecodable", "retrieved:*"), "Prefer", "wait=0");
        assertThat(again.status()).isEqualTo(202);
        assertThat(http.get("/retrievals/undecodable/events", "Last-Event-ID", position)
                        .text())
                .contains("SUCCEEDED")
                .doesNotContain(Code.UNDECODABLE_REQUEST.name());
        assertThat(http.get("/retrievals/undecodable", "Prefer", "wait=60")
                        .json()
                        .path("status")
                        .asText())
                .isEqualTo("SUCCEEDED");
    }

    @Test
    void whoConnectsAgainMissesNothing() throws Exception {
        assertThat(http.put("/standing/reconnected", request("create-reconnected", "retrieved:total_orders"))
                        .status())
                .isEqualTo(201);
        awaitRun("reconnected", "reconnected.r1.");
        String position = eventsUntil("/standing/reconnected/events", "", "id: ");
        position = position.substring(position.lastIndexOf("id: ") + 4);

        // nobody listens
        http.post("/standing/reconnected/run", "");
        awaitRun("reconnected", "reconnected.r2.");

        String missed = eventsUntil(
                "/standing/reconnected/events", position, "data: \\{\"request_id\":\"reconnected.r2.*SUCCEEDED");
        assertThat(missed).doesNotContain("event: Gap");
        assertThat(eventsUntil("/standing/reconnected/events", "00000000-7", "event: Gap\nid: .*\ndata: .*"))
                .contains("data: {\"state\":\"/standing/reconnected\"}");
        http.delete("/standing/reconnected");
    }

    private static void awaitRun(String standing, String start) {
        Waiting.until(
                GatewayStack.LIMIT,
                () -> {
                    JsonNode record = http.get("/standing/" + standing).json();
                    return record.path("last_run_id").asText().startsWith(start)
                            && record.path("last_status").asText().equals("SUCCEEDED");
                },
                "the run " + start);
    }

    /// Reads a stream until a line matches. It is cut off then, as by a proxy.
    private static String eventsUntil(String path, String lastEventId, String pattern) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(http.url() + path));
        if (!lastEventId.isEmpty()) {
            request.header("Last-Event-ID", lastEventId);
        }
        Pattern last = Pattern.compile(pattern);
        StringBuilder text = new StringBuilder();
        try (Stream<String> lines = http.client()
                .send(request.build(), HttpResponse.BodyHandlers.ofLines())
                .body()) {
            for (Iterator<String> all = lines.iterator(); !last.matcher(text).find(); ) {
                text.append(all.next()).append('\n');
            }
        }
        return text.toString().strip();
    }

    @Test
    void aStandingRetrievalRunsAndIsCancelled() {
        String body = request("create-standing", "retrieved:total_orders");
        Http.Answer created = http.put("/standing/daily", body);
        assertThat(created.status()).as(created.text()).isEqualTo(201);
        assertThat(created.header("Location")).isEqualTo("/standing/daily");
        assertThat(http.get("/standing/daily").json().path("status").asText()).isEqualTo("ACTIVE");
        assertThat(http.put("/standing/daily", request("create-again", "retrieved:total_orders"))
                        .status())
                .isEqualTo(200);
        assertThat(http.get("/standing").json().path("items"))
                .anySatisfy(one -> assertThat(one.path("standing_id").asText()).isEqualTo("daily"));

        assertThat(http.post("/standing/daily/suspend", "").status()).isEqualTo(200);
        assertThat(http.get("/standing/daily").json().path("suspended_by").asText())
                .isEqualTo("OPERATOR");
        Http.Answer suspended = http.post("/standing/daily/run", "");
        assertThat(suspended.status()).as(suspended.text()).isEqualTo(409);
        assertThat(suspended.code()).isEqualTo(Code.STANDING_SUSPENDED.name());
        assertThat(http.post("/standing/daily/resume", "").json().path("status").asText())
                .isEqualTo("RESUMED");
        assertThat(http.post("/standing/daily/run", "").json().path("status").asText())
                .isEqualTo("RUN_REQUESTED");

        assertThat(http.delete("/standing/daily").status()).isEqualTo(200);

        assertThat(http.get("/standing/daily").json().path("status").asText()).isEqualTo("CANCELLED");
        Http.Answer unknown = http.delete("/standing/none");
        assertThat(unknown.status()).isEqualTo(404);
        assertThat(unknown.code()).isEqualTo(Code.UNKNOWN_STANDING_RETRIEVAL.name());
        assertThat(http.get("/standing/none").status()).isEqualTo(404);
    }

    @Test
    void aStandingRetrievalKeepsTheRowsThatCameWithIt() {
        Http.Answer created = putRows("1,2026-01-15T00:00:00Z\n2,2026-03-01T00:00:00Z\n");
        assertThat(created.status()).as(created.text()).isEqualTo(201);
        JsonNode spine = http.get("/standing/rows").json().path("retrieval").path("spine");
        assertThat(spine.path("kind").asText()).isEqualTo("CSV");
        assertThat(spine.path("locations").path(0).asText()).contains("/uploads/");

        // the same rows are the same definition, others are not
        Http.Answer again = putRows("1,2026-01-15T00:00:00Z\n2,2026-03-01T00:00:00Z\n");
        assertThat(again.status()).as(again.text()).isEqualTo(200);
        assertThat(again.json().path("unchanged").asBoolean()).isTrue();
        Http.Answer changed = putRows("1,2026-01-15T00:00:00Z\n");
        assertThat(changed.json().path("unchanged").asBoolean())
                .as(changed.text())
                .isFalse();
        assertThat(http.delete("/standing/rows").status()).isEqualTo(200);
    }

    private static Http.Answer putRows(String rows) {
        return http.send(
                "PUT",
                "/standing/rows" + QUERY,
                HttpRequest.BodyPublishers.ofString("customer_id,event_timestamp\n" + rows),
                "Content-Type",
                "text/csv");
    }

    @Test
    void followsCommitsAsTheyAreSeen() throws Exception {
        // of its own: a commit makes standing retrievals of other tests run
        String table = "iceberg.%s.followed_commits".formatted(stack.schema);
        TextTable rows = TextTable.of("""
                customer_id | updated_at              | total_orders | avg_order_value
                1           | 2026-01-01 00:00:00 UTC | 10           | 1.5
                """);
        stack.trino.createTable(
                table,
                "customer_id bigint, updated_at timestamp(6) with time zone, total_orders bigint, avg_order_value double",
                rows);
        String view = stack.registration("followed_commits").replace("customer_aggregates", "followed_commits");
        assertThat(http.post("/feast/features", view).status()).isEqualTo(201);
        String position = eventsUntil("/commits/events", "", "id: ");
        position = position.substring(position.lastIndexOf("id: ") + 4);
        stack.trino.insert(table, rows);

        assertThat(eventsUntil("/commits/events", position, "event: TableCommit\nid: .*\ndata: .*followed_commits"))
                .doesNotContain("event: Gap");
    }

    @Test
    void sendsHintsAndListsCommitsAndDeadLetters() {
        String[] table = stack.table().split("\\.", -1);
        Http.Answer hint = http.post(
                "/table-hints",
                "{\"catalog\": \"%s\", \"schema\": \"%s\", \"table_name\": \"%s\"}"
                        .formatted(table[0], table[1], table[2]));
        assertThat(hint.status()).isEqualTo(202);
        assertThat(hint.json().path("table").asText()).isEqualTo(stack.table());
        assertThat(http.get("/commits").status()).isEqualTo(200);
        assertThat(http.get("/dead-letters").json().path("items").isArray()).isTrue();
        assertThat(http.get("/commits?limit=x").code()).isEqualTo(Code.BAD_PARAMETER.name());
    }
}
