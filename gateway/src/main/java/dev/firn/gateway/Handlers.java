package dev.firn.gateway;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.firn.config.FirnConfig;
import dev.firn.config.Settings;
import dev.firn.events.StandingAction;
import dev.firn.gateway.access.Callers;
import dev.firn.gateway.feature.FeatureCalls;
import dev.firn.gateway.http.Bodies;
import dev.firn.gateway.http.Call;
import dev.firn.gateway.http.Pages;
import dev.firn.gateway.http.Route;
import dev.firn.gateway.kafka.EventSender;
import dev.firn.gateway.kafka.Follower;
import dev.firn.gateway.openapi.OpenApi;
import dev.firn.gateway.operation.OperationCalls;
import dev.firn.gateway.page.DeadLetterPage;
import dev.firn.gateway.page.PageCalls;
import dev.firn.gateway.page.Renderer;
import dev.firn.gateway.page.RetrievalPages;
import dev.firn.gateway.page.StandingPages;
import dev.firn.gateway.page.ViewPages;
import dev.firn.gateway.retrieval.Outcomes;
import dev.firn.gateway.retrieval.Previews;
import dev.firn.gateway.retrieval.RequestBody;
import dev.firn.gateway.retrieval.RequestRights;
import dev.firn.gateway.retrieval.ResultCalls;
import dev.firn.gateway.retrieval.RetrievalCalls;
import dev.firn.gateway.retrieval.UploadSweeper;
import dev.firn.gateway.retrieval.Uploads;
import dev.firn.gateway.standing.StandingCalls;
import dev.firn.lake.storage.ProcessFolder;
import dev.firn.lake.storage.Storage;
import dev.firn.service.Lifecycle;
import dev.firn.service.result.ResultLayout;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.Semaphore;

/// Makes the handler of each route, and the pages.
final class Handlers {
    private final FirnConfig config;
    private final Clock clock;
    private final Lifecycle lifecycle;
    private final Parts parts;

    /// What the handlers work with.
    record Parts(EventSender sender, Storage storage, Follower follower, Heard heard, MeterRegistry metrics) {}

    /// What the server serves.
    record Served(Map<Route, Call.Handler> calls, Pages pages) {}

    Handlers(FirnConfig config, Clock clock, Lifecycle lifecycle, Parts parts) {
        this.config = config;
        this.clock = clock;
        this.lifecycle = lifecycle;
        this.parts = parts;
    }

    Served all(Callers callers) {
        FirnConfig.Gateway settings = config.gateway();
        EventSender sender = parts.sender();
        Storage storage = parts.storage();
        Heard heard = parts.heard();
        Duration heartbeat = settings.heartbeat();
        Semaphore readers = new Semaphore(settings.readers());
        Bodies bodies = new Bodies(settings.maxBodyBytes(), clock);
        Outcomes outcomes = new Outcomes(storage, ResultLayout.of(config), settings.maxManifestBytes(), readers);
        FeatureCalls.Registry registry =
                new FeatureCalls.Registry(heard.views(), parts.follower(), settings.kafkaTimeout());
        RequestRights rights = new RequestRights(outcomes, Settings.uploadsLocation(config), registry::catalogs);
        RequestBody requestBody = new RequestBody(bodies, uploads());
        FeatureCalls features = new FeatureCalls(sender, heard.events(), registry, bodies, settings.answerWait());
        RetrievalCalls retrieving = new RetrievalCalls(
                sender, heard.events(), outcomes, requestBody, rights, heard.asking(), heard.retrievals());
        Previews previews = new Previews(storage, readers);
        ResultCalls results = new ResultCalls(storage, outcomes, previews, settings.maxPreviewRows());
        StandingCalls.Registry standingRegistry =
                new StandingCalls.Registry(heard.standing(), parts.follower(), settings.kafkaTimeout());
        StandingCalls standings = new StandingCalls(
                sender, heard.events(), standingRegistry, bodies, requestBody, rights, settings.answerWait());
        sweep(outcomes, standingRegistry);
        OperationCalls operations =
                new OperationCalls(sender, heard.events(), heard.commits(), heard.deadLetters(), bodies);
        ObjectNode openApi = OpenApi.document();
        Map<Route, Call.Handler> handlers = new EnumMap<>(Route.class);
        for (Route route : Route.values()) {
            handlers.put(
                    route,
                    switch (route) {
                        case REGISTER -> features::register;
                        case LIST_VIEWS -> features::list;
                        case GET_VIEW -> features::show;
                        case DROP_VIEW -> features::drop;
                        case RETRIEVE -> retrieving::ask;
                        case GET_RETRIEVAL -> retrieving::show;
                        case CANCEL_RETRIEVAL -> call -> retrieving.cancel(call, settings.answerWait());
                        case RETRIEVAL_EVENTS -> call -> retrieving.follow(call, heartbeat);
                        case GET_FILE -> results::file;
                        case GET_CHANGES -> results::changes;
                        case GET_ROWS -> results::rows;
                        case LIST_STANDING -> standings::list;
                        case GET_STANDING -> standings::show;
                        case CREATE_STANDING -> standings::create;
                        case CANCEL_STANDING -> call -> standings.act(call, StandingAction.CANCEL);
                        case RUN_STANDING -> call -> standings.act(call, StandingAction.RUN);
                        case SUSPEND_STANDING -> call -> standings.act(call, StandingAction.SUSPEND);
                        case RESUME_STANDING -> call -> standings.act(call, StandingAction.RESUME);
                        case STANDING_EVENTS -> call -> standings.follow(call, heartbeat);
                        case LIST_COMMITS -> operations::commits;
                        case COMMIT_EVENTS -> call -> operations.followCommits(call, heartbeat);
                        case LIST_DEAD_LETTERS -> operations::deadLetters;
                        case HINT -> operations::hint;
                        case OPEN_API -> call -> call.answer(200, openApi);
                    });
        }
        Renderer renderer = new Renderer(callers, config.namespace(), clock);
        PageCalls pages = new PageCalls(
                renderer,
                new ViewPages(renderer, registry, standingRegistry, operations, heard.warnings()),
                new RetrievalPages(renderer, retrieving, previews, settings.maxPreviewRows()),
                new StandingPages(renderer, standingRegistry, retrieving),
                new DeadLetterPage(renderer, operations));
        return new Served(handlers, pages);
    }

    private void sweep(Outcomes outcomes, StandingCalls.Registry standingRegistry) {
        FirnConfig.Results results = config.results();
        results.uploadsTtl()
                .ifPresent(ttl -> lifecycle
                        .opened(new UploadSweeper(
                                outcomes,
                                parts.storage(),
                                new UploadSweeper.Settings(
                                        Settings.uploadsLocation(config),
                                        ttl,
                                        results.sweepInterval(),
                                        results.leftoversAfter()),
                                standingRegistry::complete,
                                clock,
                                parts.metrics()))
                        .start());
    }

    private Uploads uploads() {
        FirnConfig.Gateway settings = config.gateway();
        // the JVM's own is a folder of this process already
        Path scratch =
                settings.uploadFolder().map(this::ownFolder).orElse(Path.of(System.getProperty("java.io.tmpdir")));
        Uploads uploads = new Uploads(
                parts.storage(),
                new Uploads.Settings(
                        Settings.uploadsLocation(config),
                        scratch,
                        settings.maxUploadBytes(),
                        settings.uploadQuotaBytes()));
        Gauge.builder("firn.gateway.upload.bytes", uploads, Uploads::bytesInUse).register(parts.metrics());
        return uploads;
    }

    /// What gateways that were killed have left in the folder is deleted; what others use stays.
    private Path ownFolder(Path folder) {
        try {
            return lifecycle.opened(ProcessFolder.create(folder)).path();
        } catch (IOException e) {
            throw new UncheckedIOException("[firn.gateway.upload-folder=%s] cannot be used".formatted(folder), e);
        }
    }
}
