package dev.firn.service;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.firn.config.FirnConfig;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// `/health`, `/health/live`, `/health/ready` and `/metrics`, for schedulers, Prometheus and people.
///
/// The health paths answer in the JSON of [Health], with 200 or 503; `/health` is the same as `/health/ready`.
/// `/` lists the paths.
public final class HealthEndpoint implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(HealthEndpoint.class);
    private static final int OK = 200;
    private static final int NOT_FOUND = 404;
    private static final int UNAVAILABLE = 503;
    private static final String JSON = "application/json";

    private static final String INDEX = """
            {
              "/health": "whether the service can work now, and which of its neighbours are away; 200 or 503",
              "/health/ready": "the same",
              "/health/live": "503 if a restart would help, otherwise 200",
              "/metrics": "meters in the text format of Prometheus"
            }
            """;

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final PrometheusMeterRegistry metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics gcMetrics = new JvmGcMetrics();

    private HealthEndpoint(HttpServer server, Health health) {
        this.server = server;
        new JvmMemoryMetrics().bindTo(metrics);
        gcMetrics.bindTo(metrics);
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            switch (exchange.getRequestURI().getPath()) {
                case "/" -> answer(exchange, OK, JSON, INDEX);
                case "/health", "/health/ready" -> health(exchange, health, health.isReady());
                case "/health/live" -> health(exchange, health, health.isLive());
                case "/metrics" -> answer(exchange, OK, "text/plain; version=0.0.4", metrics.scrape());
                default -> answer(exchange, NOT_FOUND, JSON, INDEX);
            }
        });
    }

    /// @throws UncheckedIOException if it cannot listen on the address
    public static HealthEndpoint start(FirnConfig.Http http, Health health) {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(http.host(), http.port()), 0);
            HealthEndpoint endpoint = new HealthEndpoint(server, health);
            server.start();
            log.atInfo().addKeyValue("address", server.getAddress()).log("Health and metrics are served");
            return endpoint;
        } catch (IOException e) {
            throw new UncheckedIOException("[firn.http %s:%d] cannot listen".formatted(http.host(), http.port()), e);
        }
    }

    /// The port it listens on; differs from the setting if that is 0.
    public int port() {
        return server.getAddress().getPort();
    }

    /// Where the service registers its meters.
    public MeterRegistry metrics() {
        return metrics;
    }

    private static void health(HttpExchange exchange, Health health, boolean up) throws IOException {
        answer(exchange, up ? OK : UNAVAILABLE, JSON, health.json(up));
    }

    private static void answer(HttpExchange exchange, int status, String type, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        try (exchange) {
            exchange.getResponseHeaders().set("Content-Type", type + "; charset=utf-8");
            exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
        gcMetrics.close();
        metrics.close();
    }
}
