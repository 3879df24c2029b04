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
import io.javalin.http.Handler;
import io.javalin.http.HandlerType;
import io.javalin.http.HttpResponseException;
import io.javalin.http.MethodNotAllowedResponse;
import io.javalin.http.staticfiles.Location;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
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
    /// Besides what is 503: errors that end by themselves.
    private static final Set<Code> WORTH_REPEATING = EnumSet.of(Code.TOO_MANY_REQUESTS, Code.NO_OUTCOME_YET);
    private static final Caller NOBODY = new Caller(Caller.ANONYMOUS, List.of());

    private final FirnConfig.Gateway config;
    private final Callers callers;
    private final Map<Route, Call.Handler> handlers;
    private final Pages pages;
    private final MeterRegistry metrics;
    private final InFlight inFlight;
    private final Javalin javalin;

    private HttpServer(
            FirnConfig.Gateway config,
            Callers callers,
            Map<Route, Call.Handler> handlers,
            Pages pages,
            MeterRegistry metrics) {
        this.config = config;
        this.callers = callers;
        this.handlers = handlers;
        this.pages = pages;
        this.metrics = metrics;
        this.inFlight = new InFlight(config.maxInFlight());
        Gauge.builder("firn.gateway.in.flight", inFlight, InFlight::all).register(metrics);
        this.javalin = Javalin.create(this::configure);
    }

    /// @param handlers one for each route
    public static HttpServer start(
            FirnConfig.Gateway config,
            Callers callers,
            Map<Route, Call.Handler> handlers,
            Pages pages,
            MeterRegistry metrics) {
        HttpServer server = new HttpServer(config, callers, handlers, pages, metrics);
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
        javalinConfig.jetty.modifyServer(server -> server.setErrorHandler(new UnreadableCalls()));
        javalinConfig.http.prefer405over404 = true;
        javalinConfig.http.compressionStrategy = CompressionStrategy.NONE;
        serve(javalinConfig, "/docs", "/gateway-docs");
        serve(javalinConfig, "/docs/ui", WebJar.folder("org.webjars", "swagger-ui"));
        serve(javalinConfig, "/ui/files", "/gateway-pages");
        // whatever is answered: a browser neither guesses its type nor shows it within a page of another site
        javalinConfig.routes.before(http -> {
            http.header("X-Content-Type-Options", "nosniff");
            http.header("X-Frame-Options", "DENY");
        });
        for (WebJar.File file : WebJar.FILES) {
            add(javalinConfig, "GET", file.path(), file::serve);
        }
        for (Route route : Route.values()) {
            Call.Handler handler = handlers.get(route);
            if (handler == null) {
                throw new IllegalStateException("no handler of " + route);
            }
            add(javalinConfig, route.method(), route.path(), http -> handle(route, handler, http));
        }
        for (Pages.Page page : pages.all()) {
            add(javalinConfig, page.method(), page.path(), http -> handle(page, http));
        }
        javalinConfig.routes.exception(HttpResponseException.class, (e, http) -> {
            if (e instanceof MethodNotAllowedResponse) {
                http.header("Allow", String.join(", ", e.getDetails().values()));
            }
            answer(http, ofServer(e));
        });
        // nothing more can be said; a file that broke off is shorter than its Content-Length
        javalinConfig.routes.exception(AnswerBrokenOff.class, (_, _) -> {});
        javalinConfig.routes.exception(Exception.class, (e, http) -> answer(http, Faults.problem(e)));
    }

    /// `HEAD` is `GET` whose body is left out, by Jetty where the handler writes one.
    private static void add(JavalinConfig javalinConfig, String method, String path, Handler handler) {
        javalinConfig.routes.addHttpHandler(HandlerType.findOrCreate(method), path, handler);
        if (method.equals("GET")) {
            javalinConfig.routes.addHttpHandler(HandlerType.HEAD, path, handler);
        }
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
            case 405 -> new Problem(405, Code.METHOD_NOT_ALLOWED, "The path does not support that method.", List.of());
            default -> new Problem(e.getStatus(), Code.BAD_PARAMETER, String.valueOf(e.getMessage()), List.of());
        };
    }

    private void handle(Route route, Call.Handler handler, Context http) {
        measured(route.name(), http, problem -> answer(http, problem), () -> {
            // the description is for everyone: a browser that shows it at /docs/ has no token
            Supplier<Caller> recognising =
                    route == Route.OPEN_API ? () -> NOBODY : () -> caller(http, TokenCookie.authorization(http));
            // an answer that may be kept says so itself
            http.header("Cache-Control", "no-store");
            Call call = call(http, recognising);
            Conditions.requireNone(call);
            handle(handler, call, call.caller().principal());
        });
    }

    private void handle(Pages.Page page, Context http) {
        measured(page.name(), http, problem -> pages.show(problem, http), () -> {
            boolean isForm = page.method().equals("POST");
            Optional<String> authorization =
                    isForm ? TokenCookie.authorizationOfForm(http) : TokenCookie.authorization(http);
            if (page.access() == Pages.Access.CALLERS) {
                Call call = call(http, () -> caller(http, authorization));
                handle(page.handler(), call, call.caller().principal());
            } else if (isForm) {
                // places of its own: whoever takes them all takes none of those who read
                handle(page.handler(), call(http, () -> NOBODY), page.path());
            } else {
                page.handler().handle(call(http, () -> NOBODY));
            }
        });
    }

    private Call call(Context http, Supplier<Caller> recognising) {
        return new Call(http, recognising.get(), config.maxWait(), recognising);
    }

    private Caller caller(Context http, Optional<String> authorization) {
        return callers.of(new Callers.Credentials(
                authorization, Optional.ofNullable(http.header("Host")), Optional.ofNullable(http.header("Origin"))));
    }

    private void handle(Call.Handler handler, Call call, String key) throws Exception {
        try (InFlight.Slot _ = inFlight.enter(key)) {
            handler.handle(call);
        }
    }

    /// What answers a call.
    private interface Step {
        void run() throws Exception;
    }

    private void measured(String route, Context http, Consumer<Problem> onProblem, Step step) {
        long started = System.nanoTime();
        try {
            step.run();
        } catch (Exception e) {
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            failed(route, http, e, onProblem);
        } finally {
            Timer.builder("firn.gateway.requests")
                    .tag("route", route)
                    .tag("status", Integer.toString(http.res().getStatus()))
                    .register(metrics)
                    .record(Duration.ofNanos(System.nanoTime() - started));
        }
    }

    private void failed(String route, Context http, Exception e, Consumer<Problem> onProblem) {
        if (http.res().isCommitted()) {
            // the status is sent already: only a broken connection tells the client
            log.atDebug().addKeyValue("route", route).setCause(e).log("An answer broke off");
            throw new AnswerBrokenOff(e);
        }
        if (e instanceof BodyBrokenOffException) {
            log.atDebug().addKeyValue("route", route).setCause(e).log("The client went away");
        }
        onProblem.accept(Faults.problem(e));
    }

    private void answer(Context http, Problem problem) {
        if (http.res().isCommitted()) {
            return;
        }
        http.res().setContentLengthLong(-1);
        http.status(problem.status());
        http.contentType("application/problem+json");
        if (problem.status() == Problem.UNAVAILABLE || WORTH_REPEATING.contains(problem.code())) {
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
