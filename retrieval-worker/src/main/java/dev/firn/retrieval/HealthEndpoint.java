package dev.firn.retrieval;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;

/// `/health/live`, `/health/ready` and `/metrics`, for schedulers and Prometheus.
final class HealthEndpoint implements AutoCloseable {
    private static final int OK = 200;
    private static final int UNAVAILABLE = 503;

    private final HttpServer server;

    HealthEndpoint(
            String host, int port, BooleanSupplier live, BooleanSupplier ready, PrometheusMeterRegistry metrics) {
        try {
            server = HttpServer.create(new InetSocketAddress(host, port), 0);
        } catch (IOException e) {
            throw new UncheckedIOException("[firn.http %s:%d] cannot listen".formatted(host, port), e);
        }
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/health/live", exchange -> status(exchange, live.getAsBoolean()));
        server.createContext("/health/ready", exchange -> status(exchange, ready.getAsBoolean()));
        server.createContext(
                "/metrics", exchange -> answer(exchange, OK, "text/plain; version=0.0.4", metrics.scrape()));
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    private static void status(HttpExchange exchange, boolean up) throws IOException {
        answer(
                exchange,
                up ? OK : UNAVAILABLE,
                "application/json",
                up ? "{\"status\":\"UP\"}" : "{\"status\":\"DOWN\"}");
    }

    private static void answer(HttpExchange exchange, int status, String type, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        try (exchange) {
            exchange.getResponseHeaders().set("Content-Type", type);
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
