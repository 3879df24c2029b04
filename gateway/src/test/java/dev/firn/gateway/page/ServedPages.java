package dev.firn.gateway.page;

import dev.firn.config.FirnConfig;
import dev.firn.config.Settings;
import dev.firn.events.FeatureView;
import dev.firn.events.StandingRetrieval;
import dev.firn.gateway.access.Callers;
import dev.firn.gateway.feature.FeatureCalls;
import dev.firn.gateway.feature.Warnings;
import dev.firn.gateway.http.Bodies;
import dev.firn.gateway.http.Call;
import dev.firn.gateway.http.HttpServer;
import dev.firn.gateway.http.Route;
import dev.firn.gateway.kafka.EventSender;
import dev.firn.gateway.kafka.Events;
import dev.firn.gateway.kafka.Follower;
import dev.firn.gateway.kafka.Latest;
import dev.firn.gateway.kafka.Recent;
import dev.firn.gateway.operation.OperationCalls;
import dev.firn.gateway.retrieval.Asking;
import dev.firn.gateway.retrieval.Outcomes;
import dev.firn.gateway.retrieval.Previews;
import dev.firn.gateway.retrieval.RecentRetrievals;
import dev.firn.gateway.retrieval.RequestBody;
import dev.firn.gateway.retrieval.RequestRights;
import dev.firn.gateway.retrieval.RetrievalCalls;
import dev.firn.gateway.retrieval.Uploads;
import dev.firn.gateway.standing.StandingCalls;
import dev.firn.lake.storage.Storage;
import dev.firn.schemas.AvroCodec;
import dev.firn.schemas.Namespace;
import dev.firn.service.result.Manifest;
import dev.firn.service.result.ResultLayout;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/// The pages over HTTP, on a folder instead of an object store and without Kafka. `alice` may do nothing, `bob`
/// may read the standing retrieval `daily`, `ops` administers all views; the token of each is its name.
final class ServedPages implements AutoCloseable {
    /// Port 9 is discard: nobody listens there.
    private static final Map<String, Object> NOBODY = Map.of(
            "bootstrap.servers", "127.0.0.1:9", "reconnect.backoff.ms", 60_000, "reconnect.backoff.max.ms", 60_000);

    private static final int PATIENCE_MILLIS = 5_000;
    private static final int MAX_BYTES = 1 << 20;

    final Storage storage = Storage.open(Map.of("client.region", "us-east-1"));
    private final Path folder;
    private final ResultLayout layout;
    private final Admin admin = Admin.create(NOBODY);
    private final AvroCodec codec = AvroCodec.of(Map.of("schema.registry.url", "http://127.0.0.1:9"));
    private final HttpClient client = HttpClient.newHttpClient();
    private final HttpServer server;

    private ServedPages(Path folder, Map<String, String> settings) throws IOException {
        this.folder = folder;
        this.layout = new ResultLayout(folder.resolve("results").toString());
        Path tokens = Files.writeString(
                folder.resolve("tokens"),
                "alice=%s\nbob=%s\nops=%s\n".formatted(digest("alice"), digest("bob"), digest("ops")));
        Path rules = Files.writeString(folder.resolve("rules"), """
                {"rules": [{"principals": ["ops"], "administer": {"views": ["*"]}},
                           {"principals": ["bob"], "read": {"standing": ["daily"]}}]}
                """);
        Map<String, String> all = new HashMap<>(settings);
        all.put("firn.gateway.port", "0");
        all.put("firn.gateway.tokens-file", tokens.toString());
        all.put("firn.gateway.rules-file", rules.toString());
        FirnConfig.Gateway config = Settings.load(Map.of(), all).gateway();
        Callers callers = Callers.of(config);
        Map<Route, Call.Handler> handlers = new EnumMap<>(Route.class);
        for (Route route : Route.values()) {
            handlers.put(route, call -> call.http().result("answered"));
        }
        server = HttpServer.start(config, callers, handlers, pages(config, callers), new SimpleMeterRegistry());
    }

    static ServedPages in(Path folder, Map<String, String> settings) throws IOException {
        return new ServedPages(folder, settings);
    }

    private PageCalls pages(FirnConfig.Gateway config, Callers callers) {
        Clock clock = Clock.systemUTC();
        Events events = new Events(MAX_BYTES);
        EventSender sender = new EventSender(
                new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer()),
                codec,
                Namespace.DEFAULT);
        Follower follower = new Follower(Namespace.DEFAULT, new MockConsumer<>("earliest"), admin, clock);
        Semaphore readers = new Semaphore(1);
        Outcomes outcomes = new Outcomes(storage, layout, MAX_BYTES, readers);
        Bodies bodies = new Bodies(MAX_BYTES, clock);
        String uploads = folder.resolve("uploads").toString();
        RequestBody requestBody = new RequestBody(
                bodies, new Uploads(storage, new Uploads.Settings(uploads, folder, MAX_BYTES, MAX_BYTES)));
        RetrievalCalls retrievals = new RetrievalCalls(
                sender,
                events,
                outcomes,
                requestBody,
                new RequestRights(outcomes, uploads, _ -> Map.of()),
                new Asking(),
                new RecentRetrievals(1, clock));
        FeatureCalls.Registry views =
                new FeatureCalls.Registry(new Latest<>(codec, FeatureView.class), follower, Duration.ZERO);
        StandingCalls.Registry standing =
                new StandingCalls.Registry(new Latest<>(codec, StandingRetrieval.class), follower, Duration.ZERO);
        OperationCalls operations = new OperationCalls(sender, events, new Recent<>(1), new Recent<>(1), bodies);
        Renderer renderer = new Renderer(callers, "test", clock);
        return new PageCalls(
                renderer,
                new ViewPages(renderer, views, standing, operations, new Warnings()),
                new RetrievalPages(renderer, retrievals, new Previews(storage, readers), config.maxPreviewRows()),
                new StandingPages(renderer, standing, retrievals),
                new DeadLetterPage(renderer, operations));
    }

    private static String digest(String token) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    /// Decides an outcome, as a worker does.
    void decide(Manifest outcome) {
        storage.putIfAbsent(layout.manifest(outcome.result().getRequestId()), outcome.toBytes());
    }

    /// A location for a file of a result.
    String location(String file) {
        return folder.resolve(file).toString();
    }

    /// What a browser with the token gets. Redirections are not followed.
    HttpResponse<String> get(String principal, String path, String... headers) {
        return send(HttpRequest.newBuilder(uri(path)).header("Cookie", "firn-token=" + principal), headers);
    }

    /// What the answer to a form of a page is.
    HttpResponse<String> post(String principal, String path, String type, String body, String... headers) {
        return send(
                HttpRequest.newBuilder(uri(path))
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .header("Cookie", "firn-token=" + principal)
                        .header("Content-Type", type)
                        .header("Sec-Fetch-Site", "same-origin"),
                headers);
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:%d%s".formatted(server.port(), path));
    }

    private HttpResponse<String> send(HttpRequest.Builder request, String... headers) {
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        try {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /// The status line of the answer to a head whose body never comes.
    String statusWithoutBody(String method, String path, String... headers) throws IOException {
        StringBuilder head = new StringBuilder("%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\n".formatted(method, path));
        head.append("Sec-Fetch-Site: same-origin\r\n");
        for (String header : headers) {
            head.append(header).append("\r\n");
        }
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.getOutputStream().write(head.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            StringBuilder line = new StringBuilder();
            for (int next = in.read(); next >= 0 && next != '\r'; next = in.read()) {
                line.append((char) next);
            }
            return line.toString();
        }
    }

    @Override
    public void close() {
        server.close();
        client.close();
        admin.close(Duration.ZERO);
        codec.close();
        storage.close();
    }
}
