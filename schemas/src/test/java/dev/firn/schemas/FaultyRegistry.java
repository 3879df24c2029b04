package dev.firn.schemas;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/// A minimal registry that fails on command: answers from a map of ids and subjects, after the faults that were queued.
/// Real behaviour is checked against the real registry in the `*IT`s.
final class FaultyRegistry implements AutoCloseable {
    record Answer(int status, String body) {}

    private final HttpServer server;
    private final Map<Integer, String> schemas = new ConcurrentHashMap<>();
    private final ConcurrentLinkedDeque<Answer> faults = new ConcurrentLinkedDeque<>();
    private final List<String> calls = new CopyOnWriteArrayList<>();
    private final List<String> authorizations = new CopyOnWriteArrayList<>();
    private final CountDownLatch released = new CountDownLatch(1);
    private volatile boolean stalls;

    FaultyRegistry() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", this::handle);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    Map<String, Object> configs() {
        return Map.of("schema.registry.url", url(), "retries.wait.ms", "1", "auto.register.schemas", "false");
    }

    void hold(int id, String schema) {
        schemas.put(id, schema);
    }

    /// As after a restore from an empty backup.
    void forgetAll() {
        schemas.clear();
    }

    /// From now on it sends headers and half of each body, and then nothing until it is closed.
    void stallInBodies() {
        stalls = true;
    }

    void failNext(int times, int status, String body) {
        for (int i = 0; i < times; i++) {
            faults.add(new Answer(status, body));
        }
    }

    List<String> calls() {
        return List.copyOf(calls);
    }

    Set<String> authorizations() {
        return new TreeSet<>(authorizations);
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            calls.add(exchange.getRequestMethod() + " " + path);
            authorizations.addAll(
                    Optional.ofNullable(exchange.getRequestHeaders().get("Authorization"))
                            .orElseGet(ArrayList::new));
            String sent = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
            Answer fault = faults.poll();
            Answer answer = fault == null ? answer(path, sent) : fault;
            byte[] body = answer.body().getBytes(UTF_8);
            exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
            if (stalls) {
                exchange.getResponseBody().write(body, 0, body.length / 2);
                exchange.getResponseBody().flush();
                released.await();
                return;
            }
            exchange.getResponseBody().write(body);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Answer answer(String path, String sent) {
        if (path.startsWith("/schemas/ids/")) {
            return held(Integer.parseInt(path.substring("/schemas/ids/".length())));
        }
        String schema = text(sent, "schema");
        return schemas.entrySet().stream()
                .filter(entry -> entry.getValue().equals(schema) || path.endsWith("/latest"))
                .max(Map.Entry.comparingByKey())
                .map(entry -> new Answer(200, json(Map.of("id", entry.getKey(), "schema", entry.getValue()))))
                .orElseGet(() -> new Answer(404, "{\"error_code\":40403,\"message\":\"Schema not found\"}"));
    }

    private Answer held(int id) {
        String schema = schemas.get(id);
        return schema == null
                ? new Answer(404, "{\"error_code\":40403,\"message\":\"Schema not found\"}")
                : new Answer(200, json(Map.of("schema", schema)));
    }

    private static @Nullable String text(String json, String field) {
        try {
            return json.isEmpty()
                    ? null
                    : JsonMapper.builder().build().readTree(json).path(field).asText();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String json(Map<String, ?> object) {
        try {
            return JsonMapper.builder().build().writeValueAsString(object);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        released.countDown();
        server.stop(0);
    }
}
