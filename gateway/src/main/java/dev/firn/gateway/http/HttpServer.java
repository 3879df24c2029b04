package dev.firn.gateway.http;

import dev.firn.config.FirnConfig;
import dev.firn.gateway.access.Caller;
import dev.firn.gateway.access.Callers;
import dev.firn.gateway.problem.Problem;
import dev.firn.schemas.Code;
import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import io.javalin.http.HttpResponseException;
import io.javalin.http.staticfiles.Location;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Serves the routes. A virtual thread handles each call and may wait: waiting costs no platform thread.
///
/// Every call passes here: it recognises the caller, counts requests in progress, measures, and turns whatever is
/// thrown into a [Problem].
public final class HttpServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(HttpServer.class);
    private static final Duration IDLE_BEYOND_WAIT = Duration.ofSeconds(30);
    private static final int HEADER_BYTES = 16 << 10;
    private static final Caller NOBODY = new Caller(Caller.ANONYMOUS, List.of());

    private final FirnConfig.Gateway config;
    private final Callers callers;
    private final Map<Route, Call.Handler> handlers;
    private final MeterRegistry metrics;
    private final InFlight inFlight;
    private final Javalin javalin;

    private HttpServer(
            FirnConfig.Gateway config, Callers callers, Map<Route, Call.Handler> handlers, MeterRegistry metrics) {
        this.config = config;
        this.callers = callers;
        this.handlers = handlers;
        this.metrics = metrics;
        this.inFlight = new InFlight(config.maxInFlight());
        Gauge.builder("firn.gateway.in.flight", inFlight, InFlight::all).register(metrics);
        this.javalin = Javalin.create(this::configure);
    }

    /// @param handlers one for each route
    public static HttpServer start(
            FirnConfig.Gateway config, Callers callers, Map<Route, Call.Handler> handlers, MeterRegistry metrics) {
        HttpServer server = new HttpServer(config, callers, handlers, metrics);
        server.javalin.start();
        log.atInfo()
                .addKeyValue("host", config.host())
                .addKeyValue("port", server.port())
                .log("The gateway is served");
        return server;
    }

    public int port() {
        return javalin.port();
    }

    private void configure(JavalinConfig javalinConfig) {
        javalinConfig.startup.showJavalinBanner = false;
        javalinConfig.startup.showOldJavalinVersionWarning = false;
        javalinConfig.startup.startupWatcherEnabled = false;
        javalinConfig.concurrency.useVirtualThreads = true;
        javalinConfig.jetty.host = config.host();
        javalinConfig.jetty.port = config.port();
        javalinConfig.jetty.modifyHttpConfiguration(http -> {
            http.setIdleTimeout(config.maxWait().plus(IDLE_BEYOND_WAIT).toMillis());
            http.setRequestHeaderSize(HEADER_BYTES);
            http.setSendServerVersion(false);
        });
        javalinConfig.http.prefer405over404 = true;
        javalinConfig.http.compressionStrategy = CompressionStrategy.NONE;
        serve(javalinConfig, "/docs", "/gateway-docs");
        serve(javalinConfig, "/docs/ui", "/META-INF/resources/webjars/swagger-ui/" + WebJar.swaggerUiVersion());
        for (Route route : Route.values()) {
            Call.Handler handler = handlers.get(route);
            if (handler == null) {
                throw new IllegalStateException("no handler of " + route);
            }
            javalinConfig.routes.addHttpHandler(
                    HandlerType.findOrCreate(route.method()), route.path(), http -> handle(route, handler, http));
        }
        javalinConfig.routes.exception(HttpResponseException.class, (e, http) -> answer(http, ofServer(e)));
        // nothing more can be said; a file that broke off is shorter than its Content-Length
        javalinConfig.routes.exception(AnswerBrokenOff.class, (_, _) -> {});
        javalinConfig.routes.exception(Exception.class, (e, http) -> answer(http, Faults.problem(e)));
    }

    private static void serve(JavalinConfig javalinConfig, String path, String folder) {
        javalinConfig.staticFiles.add(files -> {
            files.hostedPath = path;
            files.directory = folder;
            files.location = Location.CLASSPATH;
        });
    }

    /// What Javalin itself refuses.
    private static Problem ofServer(HttpResponseException e) {
        return switch (e.getStatus()) {
            case 404 -> new Problem(404, Code.NOT_FOUND, "There is no such path. See /openapi.json.", List.of());
            case 405 -> new Problem(405, Code.METHOD_NOT_ALLOWED, "The path does not have that method.", List.of());
            default -> new Problem(e.getStatus(), Code.BAD_PARAMETER, String.valueOf(e.getMessage()), List.of());
        };
    }

    private void handle(Route route, Call.Handler handler, Context http) {
        long started = System.nanoTime();
        try {
            // the description is for everyone: a browser that shows it at /docs/ has no token
            Caller caller = route == Route.OPEN_API
                    ? NOBODY
                    : callers.of(new Callers.Credentials(
                            Optional.ofNullable(http.header("Authorization")),
                            Optional.ofNullable(http.header("Host")),
                            Optional.ofNullable(http.header("Origin"))));
            try (InFlight.Slot _ = inFlight.enter(caller.principal())) {
                handler.handle(new Call(http, caller, config.maxWait()));
            }
        } catch (Exception e) {
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            failed(route, http, e);
        } finally {
            Timer.builder("firn.gateway.requests")
                    .tag("route", route.name())
                    .tag("status", Integer.toString(http.res().getStatus()))
                    .register(metrics)
                    .record(Duration.ofNanos(System.nanoTime() - started));
        }
    }

    private void failed(Route route, Context http, Exception e) {
        if (http.res().isCommitted()) {
            // the status is sent already: only a broken connection tells the client
            log.atDebug().addKeyValue("route", route).setCause(e).log("An answer broke off");
            throw new AnswerBrokenOff(e);
        }
        if (e instanceof BodyBrokenOffException) {
            log.atDebug().addKeyValue("route", route).setCause(e).log("The client went away");
        }
        answer(http, Faults.problem(e));
    }

    private void answer(Context http, Problem problem) {
        if (http.res().isCommitted()) {
            return;
        }
        http.res().setContentLengthLong(-1);
        http.status(problem.status());
        http.contentType("application/problem+json");
        if (problem.status() == Problem.UNAVAILABLE || problem.code() == Code.TOO_MANY_REQUESTS) {
            http.header("Retry-After", Long.toString(config.retryAfter().toSeconds()));
        }
        if (problem.code() == Code.UNAUTHENTICATED) {
            http.header("WWW-Authenticate", "Bearer");
        }
        http.result(problem.json().toString());
    }

    /// Ends a call whose answer has begun.
    private static final class AnswerBrokenOff extends RuntimeException {
        private static final long serialVersionUID = 1L;

        AnswerBrokenOff(Exception cause) {
            super(cause);
        }
    }

    @Override
    public void close() {
        javalin.stop();
    }
}
