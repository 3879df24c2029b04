package dev.firn.retrieval.answer;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;

/// An S3 server in memory that can answer a PUT or a DELETE with 500 and apply it later, as S3 may.
final class LateS3 implements AutoCloseable {
    /// Content by key, without the bucket.
    final ConcurrentSkipListMap<String, byte[]> objects = new ConcurrentSkipListMap<>();

    private final List<Runnable> held = new CopyOnWriteArrayList<>();
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private volatile Predicate<String> holding = _ -> false;

    LateS3() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.setExecutor(threads);
        server.start();
    }

    /// The properties of a client that does not repeat its requests.
    Map<String, String> properties() {
        return Map.of(
                "s3.endpoint", "http://127.0.0.1:" + server.getAddress().getPort(),
                "s3.path-style-access", "true",
                "s3.access-key-id", "AKIDEXAMPLE",
                "s3.secret-access-key", "wJalrXUtnFEMI",
                "client.region", "us-east-1",
                "http-client.type", "urlconnection",
                "s3.retry.num-retries", "0");
    }

    /// Holds the next request whose `METHOD key` matches, and answers it with 500.
    void holdNext(Predicate<String> request) {
        holding = request;
    }

    /// Applies what it holds.
    int applyHeld() {
        List<Runnable> late = List.copyOf(held);
        held.clear();
        late.forEach(Runnable::run);
        return late.size();
    }

    private void answer(HttpExchange exchange) throws IOException {
        byte[] body = payload(exchange, exchange.getRequestBody().readAllBytes());
        String path = exchange.getRequestURI().getPath();
        String key = path.substring(Math.min(path.length(), path.indexOf('/', 1) + 1));
        String method = exchange.getRequestMethod();
        if (holding.test(method + " " + key)) {
            holding = _ -> false;
            held.add(method.equals("PUT") ? () -> objects.put(key, body) : () -> objects.remove(key));
            send(exchange, 500, error("InternalError"));
            return;
        }
        switch (method) {
            case "PUT" -> {
                boolean onlyIfAbsent = exchange.getRequestHeaders().containsKey("If-None-Match");
                if (onlyIfAbsent && objects.putIfAbsent(key, body) != null) {
                    send(exchange, 412, error("PreconditionFailed"));
                } else {
                    objects.put(key, body);
                    send(exchange, 200, new byte[0]);
                }
            }
            case "DELETE" -> {
                objects.remove(key);
                send(exchange, 204, new byte[0]);
            }
            case "GET" -> {
                String query = exchange.getRequestURI().getRawQuery();
                byte[] stored = objects.get(key);
                if (query != null && query.contains("list-type=2")) {
                    send(exchange, 200, listing(query));
                } else if (stored == null) {
                    send(exchange, 404, error("NoSuchKey"));
                } else {
                    send(exchange, 200, stored);
                }
            }
            default -> {
                byte[] stored = objects.get(key);
                send(exchange, stored == null ? 404 : 200, stored == null ? new byte[0] : stored);
            }
        }
    }

    /// The object's bytes, without the frames of signed chunks.
    private static byte[] payload(HttpExchange exchange, byte[] body) {
        String encoding = exchange.getRequestHeaders().getFirst("x-amz-content-sha256");
        if (encoding == null || !encoding.startsWith("STREAMING-")) {
            return body;
        }
        String text = new String(body, StandardCharsets.ISO_8859_1);
        StringBuilder content = new StringBuilder();
        int at = 0;
        while (true) {
            int line = text.indexOf("\r\n", at);
            int size = Integer.parseInt(text.substring(at, line).replaceFirst(";.*", ""), 16);
            if (size == 0) {
                return content.toString().getBytes(StandardCharsets.ISO_8859_1);
            }
            content.append(text, line + 2, line + 2 + size);
            at = line + 2 + size + 2;
        }
    }

    private byte[] listing(String query) {
        String prefix = Arrays.stream(query.split("&", -1))
                .filter(part -> part.startsWith("prefix="))
                .map(part -> URLDecoder.decode(part.substring("prefix=".length()), StandardCharsets.UTF_8))
                .findFirst()
                .orElse("");
        List<String> entries = new ArrayList<>();
        objects.tailMap(prefix).forEach((key, content) -> {
            if (key.startsWith(prefix)) {
                entries.add("""
                        <Contents><Key>%s</Key><Size>%d</Size><ETag>"%d"</ETag>\
                        <LastModified>2026-03-01T00:00:00.000Z</LastModified></Contents>""".formatted(key, content.length, Arrays.hashCode(content)));
            }
        });
        return ("<ListBucketResult><IsTruncated>false</IsTruncated><KeyCount>" + entries.size() + "</KeyCount>"
                        + String.join("", entries) + "</ListBucketResult>")
                .getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] error(String code) {
        return ("<Error><Code>" + code + "</Code><Message>says the test</Message></Error>")
                .getBytes(StandardCharsets.UTF_8);
    }

    private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
        boolean head = exchange.getRequestMethod().equals("HEAD");
        exchange.getResponseHeaders().set("ETag", "\"" + Arrays.hashCode(body) + "\"");
        if (head) {
            exchange.getResponseHeaders().set("Content-Length", Integer.toString(body.length));
        }
        exchange.sendResponseHeaders(status, head || body.length == 0 ? -1 : body.length);
        if (!head) {
            exchange.getResponseBody().write(body);
        }
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
