package dev.firn.gateway.retrieval;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.firn.config.FirnConfig;
import dev.firn.config.Settings;
import dev.firn.gateway.access.Callers;
import dev.firn.gateway.http.Bodies;
import dev.firn.gateway.http.Call;
import dev.firn.gateway.http.FakePages;
import dev.firn.gateway.http.HttpServer;
import dev.firn.gateway.http.Route;
import dev.firn.lake.storage.Storage;
import dev.firn.schemas.Code;
import dev.firn.testkit.Waiting;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Forms over HTTP, and that nothing is left of them.
@Timeout(60)
final class FormTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int MAX_BYTES = 20_000;
    /// Room for one form and the copy of its rows.
    private static final int QUOTA_BYTES = 30_000;

    private static final String REQUEST = part(
            "name=\"request\"", "application/json", "{\"request_id\": \"form-1\", \"features\": [\"orders:total\"]}");
    private static final String ROWS = part("name=\"rows\"; filename=\"rows.csv\"", "text/csv", "a,b\n1,2\n");
    private static final String END = "--b--\r\n";

    private final Storage storage = Storage.open(Map.of("client.region", "us-east-1"));
    private final HttpClient client = HttpClient.newHttpClient();
    private Path scratch;
    private Uploads uploads;
    private HttpServer server;

    @BeforeEach
    void start(@TempDir Path folder) throws IOException {
        scratch = Files.createDirectory(folder.resolve("scratch"));
        uploads = new Uploads(
                storage, new Uploads.Settings(folder.resolve("uploads").toString(), scratch, MAX_BYTES, QUOTA_BYTES));
        RequestBody body = new RequestBody(new Bodies(MAX_BYTES, Clock.systemUTC()), uploads);
        Map<Route, Call.Handler> handlers = new EnumMap<>(Route.class);
        for (Route route : Route.values()) {
            handlers.put(
                    route,
                    call -> call.http()
                            .result(body.read(call, _ -> {})
                                    .getSpine()
                                    .getLocations()
                                    .toString()));
        }
        FirnConfig.Gateway config =
                Settings.load(Map.of(), Map.of("firn.gateway.port", "0")).gateway();
        server = HttpServer.start(config, Callers.of(config), handlers, new FakePages(), new SimpleMeterRegistry());
    }

    @AfterEach
    void nothingIsLeft() {
        Waiting.until(LIMIT, () -> left() == 0 && uploads.bytesInUse() == 0, "temporary files are deleted");
        server.close();
        client.close();
        storage.close();
    }

    private long left() {
        try (Stream<Path> files = Files.list(scratch)) {
            return files.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String part(String disposition, String type, String content) {
        return "--b\r\nContent-Disposition: form-data; %s\r\nContent-Type: %s\r\n\r\n%s\r\n"
                .formatted(disposition, type, content);
    }

    /// A whole form of that length.
    private static String form(int bytes) {
        int others = (REQUEST + part("name=\"rows\"", "text/csv", "") + END).length();
        return REQUEST + part("name=\"rows\"", "text/csv", "x".repeat(bytes - others)) + END;
    }

    private HttpResponse<String> send(String form) {
        return send(form, "multipart/form-data; boundary=b");
    }

    private HttpResponse<String> send(String form, String type, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:%d/retrievals?features=orders:total".formatted(server.port())))
                .header("Content-Type", type)
                .POST(HttpRequest.BodyPublishers.ofString(form));
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        try {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private static void isRefused(HttpResponse<String> answer, int status, Code code) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        try {
            assertThat(new ObjectMapper().readTree(answer.body()).path("code").asText())
                    .isEqualTo(code.name());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The head of a form that says to be longer than what follows.
    private Socket begin(String form) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
        socket.getOutputStream()
                .write(
                        ("POST /retrievals HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\n"
                                        + "Content-Length: %d\r\n\r\n%s".formatted(form.length() + 1000, form))
                                .getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    @Test
    void takesAForm() {
        HttpResponse<String> answer = send(REQUEST + ROWS + END);

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).matches("\\[.*/uploads/[0-9a-f]{64}]");
        // a part without the name of a file is the same
        String nameless = part("name=\"rows\"", "text/csv", "a,b\n1,2\n");
        assertThat(send(nameless + REQUEST + END).body()).isEqualTo(answer.body());
    }

    @Test
    void otherPartsAreIgnored() {
        String other = part("name=\"more\"; filename=\"../../more\"", "text/plain", "x".repeat(5_000));

        assertThat(send(other + REQUEST + ROWS + other + END).statusCode()).isEqualTo(200);
    }

    @Test
    void aFormThatIsCutOff() throws IOException {
        try (Socket socket = begin(REQUEST + part("name=\"rows\"", "text/csv", "a,b\n1,2\n".repeat(1_000)))) {
            socket.shutdownOutput();

            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .startsWith("HTTP/1.1 400 ")
                    .contains(Code.BODY_INCOMPLETE.name());
        }
    }

    @Test
    void aFormThatEndsBeforeItsLastBoundary() {
        isRefused(send(REQUEST + ROWS), 400, Code.BODY_INCOMPLETE);
    }

    @Test
    void aFormOfAClientThatGoesAway() throws IOException {
        try (Socket _ = begin(REQUEST + part("name=\"rows\"", "text/csv", "a,b\n1,2\n".repeat(1_000)))) {
            Waiting.until(LIMIT, () -> left() > 0 && uploads.bytesInUse() > 8_000, "the form is being read");
        }
    }

    @Test
    void aFormWithoutABoundary() {
        isRefused(send(REQUEST + ROWS + END, "multipart/form-data"), 415, Code.UNSUPPORTED_MEDIA_TYPE);
    }

    @Test
    void aFormWithoutItsParts() {
        isRefused(send(REQUEST + END), 400, Code.BAD_PARAMETER);
        isRefused(send(ROWS + END), 400, Code.BAD_PARAMETER);
    }

    @Test
    void aFormThatIsNone() {
        isRefused(send("{\"request_id\": \"form-1\"}"), 400, Code.BODY_INCOMPLETE);
    }

    @Test
    void aBodyWhoseFolderWasCleanedAway() throws IOException {
        Files.delete(scratch);
        assertThat(send("a,b\n1,2\n", "text/csv").statusCode()).isEqualTo(200);

        Files.delete(scratch);
        assertThat(send(REQUEST + ROWS + END).statusCode()).isEqualTo(200);
    }

    /// By one byte: an answer before the server has read the whole body may reach the client as a reset connection.
    @Test
    void aFormThatIsTooLarge() {
        isRefused(send(form(MAX_BYTES + 1)), 413, Code.BODY_TOO_LARGE);
    }

    @Test
    void aFormOfTooManyParts() {
        isRefused(send(REQUEST.repeat(17) + ROWS + END), 413, Code.BODY_TOO_LARGE);
    }

    @Test
    void rowsOfAFormThatAreNotWhatTheySay() {
        isRefused(
                send(REQUEST + part("name=\"rows\"", "application/vnd.apache.parquet", "a,b") + END),
                415,
                Code.UNSUPPORTED_MEDIA_TYPE);
        isRefused(send(REQUEST + part("name=\"rows\"", "text/html", "a,b") + END), 415, Code.UNSUPPORTED_MEDIA_TYPE);
    }

    @Test
    void aBodyThatIsPacked() {
        for (String type : new String[] {"multipart/form-data; boundary=b", "text/csv", "application/json"}) {
            isRefused(send(REQUEST + ROWS + END, type, "Content-Encoding", "gzip"), 415, Code.UNSUPPORTED_MEDIA_TYPE);
        }
    }

    /// What forms write to disk counts, as what other uploads write.
    @Test
    void formsFillTheQuotaTogether() throws IOException {
        String first = REQUEST + part("name=\"rows\"", "text/csv", "x".repeat(17_000));
        try (Socket _ = begin(first)) {
            Waiting.until(LIMIT, () -> uploads.bytesInUse() == first.length(), "the first form is read so far");

            // by one byte, as above
            isRefused(send(form(QUOTA_BYTES - first.length() + 1)), 503, Code.OVERLOADED);
            assertThat(send(REQUEST + ROWS + END).statusCode()).isEqualTo(200);
        }
    }
}
