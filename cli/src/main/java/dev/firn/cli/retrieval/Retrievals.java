package dev.firn.cli.retrieval;

import dev.firn.cli.command.CommandFailure;
import dev.firn.cli.command.Connection;
import dev.firn.cli.command.ExitCode;
import dev.firn.cli.command.Times;
import dev.firn.cli.events.EventReader;
import dev.firn.cli.events.EventSender;
import dev.firn.cli.render.Console;
import dev.firn.cli.render.ProgressLine;
import dev.firn.events.RetrievalProgress;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.events.StandingAction;
import dev.firn.events.StandingRequest;
import dev.firn.schemas.Ids;
import dev.firn.schemas.Topic;
import dev.firn.service.client.Asked;
import java.time.Duration;
import java.util.function.Predicate;

/// Sends retrievals and waits for their results.
public final class Retrievals {
    private final Connection connection;
    private final Console console;

    public Retrievals(Connection connection, Console console) {
        this.connection = connection;
        this.console = console;
    }

    void send(RetrievalRequest request) {
        try (EventSender sender = new EventSender(connection)) {
            sender.send(Topic.RETRIEVAL_REQUESTS, request.getRequestId(), request);
        }
    }

    void send(StandingRequest request) {
        try (EventSender sender = new EventSender(connection)) {
            sender.send(Topic.STANDING_REQUESTS, request.getStandingId(), request);
        }
    }

    static StandingRequest createRequest(String standingId, RetrievalRequest request) {
        return StandingRequest.newBuilder()
                .setRequestId(request.getRequestId())
                .setStandingId(standingId)
                .setAction(StandingAction.CREATE)
                .setRetrieval(request)
                .build();
    }

    /// Sends the request, shows its progress and waits for its result.
    ///
    /// @throws CommandFailure if none arrives in time
    public RetrievalResult ask(RetrievalRequest request, Duration timeout) {
        Asked asked = Asked.of(request);
        try (EventReader answers = listen()) {
            send(request);
            return await(answers, request.getRequestId(), timeout, asked::isAnsweredBy);
        }
    }

    /// Creates a standing retrieval and waits for the result of its first run.
    ///
    /// @return that result; or, if no run follows, the answer that the definition is rejected, suspended,
    ///     cancelled or unchanged
    public RetrievalResult askStanding(String standingId, RetrievalRequest request, Duration timeout) {
        StandingRequest create = createRequest(standingId, request);
        StandingWait wait = new StandingWait(
                standingId,
                Asked.of(create),
                () -> StandingCommand.read(connection).get(standingId),
                run -> ResultsCommand.read(connection).stream()
                        .filter(result -> result.getRequestId().equals(run))
                        .findFirst());
        try (EventReader answers = listen()) {
            send(create);
            return wait.answer(await(answers, standingId, timeout, wait::endsWith));
        }
    }

    public static boolean isRunOf(String standingId, RetrievalResult result) {
        return standingId.equals(result.getStandingId())
                && (result.getStatus() == RetrievalStatus.SUCCEEDED || result.getStatus() == RetrievalStatus.FAILED);
    }

    /// Whether it is of the request, or of a run of the standing retrieval, with that id. Another request's
    /// id may begin with it.
    static boolean isAbout(String id, RetrievalProgress progress) {
        String of = progress.getRequestId();
        return of.equals(id) || Ids.standingIdOfRun(of).filter(id::equals).isPresent();
    }

    /// Reads results and progress from now on.
    public EventReader listen() {
        return EventReader.fromNow(connection, Topic.RETRIEVAL_RESULTS, Topic.RETRIEVAL_PROGRESS);
    }

    /// Shows progress until the wanted result arrives.
    ///
    /// @param id of the request or standing retrieval, for progress and messages
    /// @throws CommandFailure if none arrives in time
    public RetrievalResult await(EventReader answers, String id, Duration timeout, Predicate<RetrievalResult> wanted) {
        Thread interrupted = Thread.ofPlatform()
                .unstarted(() -> console.note(
                        "firn: stopped waiting; the request continues. To see its progress: ./firn trace %s"
                                .formatted(id)));
        Runtime.getRuntime().addShutdownHook(interrupted);
        try (ProgressLine line = new ProgressLine(console)) {
            return answers.await(timeout, event -> {
                        event.as(RetrievalProgress.class)
                                .filter(progress -> isAbout(id, progress))
                                .ifPresent(progress -> show(line, progress));
                        return event.as(RetrievalResult.class).filter(wanted);
                    })
                    .orElseThrow(() -> new CommandFailure(
                            ExitCode.TIMED_OUT,
                            "No result for %s within %s; the request continues. To see its progress: ./firn trace %s"
                                    .formatted(id, Times.format(timeout), id)));
        } finally {
            removeShutdownHook(interrupted);
        }
    }

    private static void removeShutdownHook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // the JVM is already shutting down
        }
    }

    private static void show(ProgressLine line, RetrievalProgress progress) {
        String stage =
                progress.getView().isEmpty() ? progress.getStage() : progress.getStage() + " " + progress.getView();
        line.show(stage, progress.getDone(), progress.getTotal(), progress.getUnit());
    }
}
