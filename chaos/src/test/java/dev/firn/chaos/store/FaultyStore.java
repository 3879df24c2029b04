package dev.firn.chaos.store;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.firn.chaos.store.Holds.When;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// An HTTP proxy before an S3 server that fails requests by a [FaultPlan] and logs every write. Thread-safe.
///
/// Requests reach the server as their clients signed them, the `Host` header included, so signatures stay
/// valid. The JDK's client keeps that header only with `-Djdk.httpclient.allowRestrictedHeaders=host`.
public final class FaultyStore implements AutoCloseable {
    private static final String RESTRICTED = "jdk.httpclient.allowRestrictedHeaders";
    /// Headers that the client or the server sets itself.
    private static final Set<String> OWN =
            Set.of("connection", "content-length", "expect", "transfer-encoding", "upgrade");

    private final URI target;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Holds holds = new Holds();
    private final List<StoreWrite> writes = new CopyOnWriteArrayList<>();
    private final Map<StoreFault, AtomicLong> fired = new EnumMap<>(StoreFault.class);
    private final Map<String, AtomicLong> times = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<Runnable> late = new ConcurrentLinkedQueue<>();
    private volatile FaultPlan plan = FaultPlan.NONE;

    /// @param target the S3 server, `http://host:port`
    public FaultyStore(String target) {
        if (!"host".equals(System.getProperty(RESTRICTED))) {
            throw new IllegalStateException("run the JVM with -D" + RESTRICTED + "=host, or no signature is valid");
        }
        this.target = URI.create(target);
        for (StoreFault fault : StoreFault.values()) {
            fired.put(fault, new AtomicLong());
        }
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", this::serve);
        server.setExecutor(threads);
        server.start();
    }

    /// For clients, instead of the server's own.
    public String endpoint() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    public void plan(FaultPlan next) {
        plan = next;
    }

    public Holds holds() {
        return holds;
    }

    /// Every PUT and DELETE that reached the server, in the order of its answers.
    public List<StoreWrite> writes() {
        return List.copyOf(writes);
    }

    /// How often each fault happened.
    public long fired(StoreFault fault) {
        return fired.getOrDefault(fault, new AtomicLong()).get();
    }

    public long fired() {
        return fired.values().stream().mapToLong(AtomicLong::get).sum();
    }

    /// Executes the writes that are late, and returns how many they were.
    public int applyLate() {
        int applied = 0;
        for (Runnable next = late.poll(); next != null; next = late.poll()) {
            next.run();
            applied++;
        }
        return applied;
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            String method = exchange.getRequestMethod();
            String path = exchange.getRequestURI().getPath();
            byte[] body = exchange.getRequestBody().readAllBytes();
            long time = times.computeIfAbsent(method + " " + path, key -> new AtomicLong())
                    .getAndIncrement();
            holds.pass(method, path, When.BEFORE);
            FaultPlan current = plan;
            Optional<StoreFault> fault = current.faultOf(method, path, time);
            fault.ifPresent(one -> fired.getOrDefault(one, new AtomicLong()).incrementAndGet());
            switch (fault.orElse(null)) {
                case null -> answer(exchange, forward(exchange, body, null), null, 0);
                case SERVER_ERROR -> refuse(exchange, 500, "InternalError");
                case SLOW_DOWN -> refuse(exchange, 503, "SlowDown");
                case RESET -> {}
                case LOST_ANSWER -> forward(exchange, body, StoreFault.LOST_ANSWER);
                case LATE -> {
                    late.add(() -> forward(exchange, body, StoreFault.LATE));
                    refuse(exchange, 500, "InternalError");
                }
                case CUT_BODY, FLIPPED_BIT -> {
                    HttpResponse<byte[]> response = forward(exchange, body, fault.get());
                    long place = current.place(path, time, response.body().length * (long) Byte.SIZE);
                    answer(exchange, response, fault.get(), place);
                }
            }
        }
    }

    private HttpResponse<byte[]> forward(HttpExchange exchange, byte[] body, @Nullable StoreFault fault) {
        String method = exchange.getRequestMethod();
        HttpRequest.Builder request = HttpRequest.newBuilder(target.resolve(exchange.getRequestURI()))
                .method(
                        method,
                        body.length == 0 && !method.equals("PUT")
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofByteArray(body));
        exchange.getRequestHeaders().forEach((name, values) -> {
            if (!OWN.contains(name.toLowerCase(Locale.ROOT))) {
                values.forEach(value -> request.header(name, value));
            }
        });
        try {
            HttpResponse<byte[]> response = client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
            if (method.equals("PUT") || method.equals("DELETE")) {
                String key = exchange.getRequestURI().getPath().substring(1);
                boolean conditional = exchange.getRequestHeaders().containsKey("If-None-Match");
                writes.add(new StoreWrite(method, key, conditional, response.statusCode(), fault, body.length));
            }
            holds.pass(method, exchange.getRequestURI().getPath(), When.AFTER);
            return response;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /// @param place the bit at which the fault happens
    private static void answer(
            HttpExchange exchange, HttpResponse<byte[]> response, @Nullable StoreFault fault, long place)
            throws IOException {
        byte[] body = response.body();
        copyHeaders(response.headers(), exchange);
        if (exchange.getRequestMethod().equals("HEAD")) {
            response.headers()
                    .firstValue("content-length")
                    .ifPresent(length -> exchange.getResponseHeaders().set("Content-Length", length));
            exchange.sendResponseHeaders(response.statusCode(), -1);
            return;
        }
        exchange.sendResponseHeaders(response.statusCode(), body.length == 0 ? -1 : body.length);
        int at = (int) (place / Byte.SIZE);
        if (body.length == 0) {
            return;
        }
        if (fault == StoreFault.CUT_BODY) {
            exchange.getResponseBody().write(body, 0, at);
            return;
        }
        if (fault == StoreFault.FLIPPED_BIT) {
            body[at] ^= (byte) (1 << place % Byte.SIZE);
        }
        exchange.getResponseBody().write(body);
    }

    private static void copyHeaders(HttpHeaders from, HttpExchange to) {
        from.map().forEach((name, values) -> {
            if (!OWN.contains(name.toLowerCase(Locale.ROOT)) && !name.equalsIgnoreCase("date")) {
                to.getResponseHeaders().put(name, new ArrayList<>(values));
            }
        });
    }

    private static void refuse(HttpExchange exchange, int status, String code) throws IOException {
        byte[] body = "<?xml version=\"1.0\"?><Error><Code>%s</Code><Message>chaos</Message></Error>"
                .formatted(code)
                .getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/xml");
        boolean head = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(status, head ? -1 : body.length);
        if (!head) {
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        holds.releaseAll();
        server.stop(0);
        threads.close();
        client.close();
    }
}
