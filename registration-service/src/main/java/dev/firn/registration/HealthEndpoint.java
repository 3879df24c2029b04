package dev.firn.registration;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.firn.config.FirnConfig;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.kafka.KafkaStreamsMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.kafka.streams.KafkaStreams;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// `/health/live`: the threads have not given up. `/health/ready`: partitions are assigned and state is restored;
/// its further lines name neighbours that were away when last needed, which is no reason to take the service
/// out: it waits and goes on by itself. `/metrics`: Prometheus.
final class HealthEndpoint implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HealthEndpoint.class);
    private static final int OK = 200;
    private static final int UNAVAILABLE = 503;

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final PrometheusMeterRegistry metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final KafkaStreamsMetrics streamsMetrics;
    private final JvmGcMetrics gcMetrics = new JvmGcMetrics();

    private HealthEndpoint(HttpServer server, KafkaStreams streams, List<Reachability> neighbours) {
        this.server = server;
        streamsMetrics = new KafkaStreamsMetrics(streams);
        streamsMetrics.bindTo(metrics);
        new JvmMemoryMetrics().bindTo(metrics);
        gcMetrics.bindTo(metrics);
        server.setExecutor(threads);
        server.createContext("/health/live", exchange -> {
            KafkaStreams.State state = streams.state();
            answer(exchange, !state.hasStartedOrFinishedShuttingDown(), state.name());
        });
        server.createContext("/health/ready", exchange -> {
            KafkaStreams.State state = streams.state();
            answer(exchange, isReady(state), readiness(state, neighbours));
        });
        server.createContext("/metrics", exchange -> answer(exchange, true, metrics.scrape()));
    }

    static boolean isReady(KafkaStreams.State state) {
        return state == KafkaStreams.State.RUNNING;
    }

    static String readiness(KafkaStreams.State state, List<Reachability> neighbours) {
        StringBuilder text = new StringBuilder(state.name()).append('\n');
        neighbours.forEach(neighbour -> text.append(neighbour.detail()).append('\n'));
        return text.toString();
    }

    int port() {
        return server.getAddress().getPort();
    }

    static HealthEndpoint start(FirnConfig.Http http, RegistryStreams streams, List<Reachability> neighbours) {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(http.host(), http.port()), 0);
            HealthEndpoint endpoint = new HealthEndpoint(server, streams.streams(), neighbours);
            server.start();
            LOG.atInfo().addKeyValue("address", server.getAddress()).log("health and metrics");
            return endpoint;
        } catch (IOException e) {
            throw new UncheckedIOException("[firn.http %s:%d] cannot listen".formatted(http.host(), http.port()), e);
        }
    }

    private static void answer(HttpExchange exchange, boolean well, String text) throws IOException {
        try (exchange) {
            byte[] body = text.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
            exchange.sendResponseHeaders(well ? OK : UNAVAILABLE, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
        streamsMetrics.close();
        gcMetrics.close();
        metrics.close();
    }
}
