package dev.firn.cli.retrieval;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.firn.cli.command.AnswerTimeout;
import dev.firn.cli.command.CommandContext;
import dev.firn.cli.command.ConnectedCommand;
import dev.firn.cli.command.Connection;
import dev.firn.cli.command.ExitCode;
import dev.firn.cli.command.NameCandidates;
import dev.firn.cli.events.EventReader;
import dev.firn.cli.events.LatestRecords;
import dev.firn.cli.render.Console;
import dev.firn.cli.render.Json;
import dev.firn.cli.render.TextTable;
import dev.firn.cli.view.Registrations;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.events.StandingAction;
import dev.firn.events.StandingRequest;
import dev.firn.events.StandingRetrieval;
import dev.firn.events.StandingStatus;
import dev.firn.events.SuspendedBy;
import dev.firn.events.TargetOutcome;
import dev.firn.events.TargetStatus;
import dev.firn.schemas.Code;
import dev.firn.schemas.EventJson;
import dev.firn.schemas.Topic;
import dev.firn.service.client.Asked;
import dev.firn.service.client.RequestIds;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "standing",
        description = "Lists the standing retrievals. firn retrieve --standing ID creates one.",
        subcommands = {
            StandingCommand.Run.class,
            StandingCommand.Suspend.class,
            StandingCommand.Resume.class,
            StandingCommand.Cancel.class
        },
        footer = {"  firn standing", "  firn standing --cancelled --json", "  firn standing suspend daily-customers"})
public final class StandingCommand extends ConnectedCommand {
    @Option(names = "--cancelled", description = "Includes cancelled standing retrievals.")
    boolean cancelled;

    StandingCommand(CommandContext context) {
        super(context);
    }

    @Override
    protected ExitCode run() {
        Map<String, StandingRetrieval> standing = read(connect());
        standing.values().removeIf(one -> !cancelled && one.getStatus() == StandingStatus.CANCELLED);
        if (json) {
            ArrayNode all = Json.array();
            standing.values().forEach(one -> all.add(EventJson.tree(one)));
            console().answer(all);
            return ExitCode.OK;
        }
        TextTable table = new TextTable("standing", "status", "features", "runs", "running", "last", "last location")
                .keepLastColumnWhole();
        standing.values()
                .forEach(one -> table.row(
                        one.getStandingId(),
                        one.getStatus(),
                        String.join(", ", one.getRetrieval().getFeatures()),
                        one.getRuns(),
                        one.getOutstandingRunId() == null ? "" : one.getOutstandingRunId(),
                        one.getLastStatus() == null ? "" : one.getLastStatus(),
                        one.getLastLocation() == null ? "" : one.getLastLocation()));
        if (table.isEmpty()) {
            console().note("There are no standing retrievals.");
        } else {
            console().answer(table);
            standing.values().stream()
                    .filter(one -> one.getStatus() == StandingStatus.SUSPENDED)
                    .forEach(this::printSuspension);
            standing.values().forEach(this::printRetry);
            standing.values().forEach(this::printTarget);
        }
        return ExitCode.OK;
    }

    private void printSuspension(StandingRetrieval one) {
        if (one.getSuspendedBy() == SuspendedBy.OPERATOR) {
            console()
                    .note("%s is suspended by an operator. To resume it: ./firn standing resume %s"
                            .formatted(one.getStandingId(), one.getStandingId()));
        } else {
            console().note(one.getStandingId() + " is suspended:");
            Registrations.printFindings(console(), "✗", one.getReasons());
        }
    }

    private void printRetry(StandingRetrieval one) {
        if (one.getRetryAt() != null && one.getLastFailure() != null) {
            console().note("%s failed and is tried again at %s:".formatted(one.getStandingId(), one.getRetryAt()));
            Registrations.printFindings(console(), "✗", List.of(one.getLastFailure()));
        }
    }

    private void printTarget(StandingRetrieval one) {
        TargetOutcome target = one.getLastTarget();
        if (target != null && target.getStatus() == TargetStatus.NOT_COMMITTED) {
            String next = one.getRetryAt() == null ? "" : ", and it runs again at " + one.getRetryAt();
            console()
                    .note("%s: %s does not hold the last result%s: %s %s"
                            .formatted(
                                    one.getStandingId(),
                                    target.getTable(),
                                    next,
                                    target.getCode(),
                                    target.getMessage()));
        }
    }

    static Map<String, StandingRetrieval> read(Connection connection) {
        return LatestRecords.of(connection, Topic.STANDING_RETRIEVALS, StandingRetrieval.class);
    }

    /// Asks for something about a standing retrieval, and says how that was answered.
    abstract static class Act extends ConnectedCommand {
        private final StandingAction action;
        private final RetrievalStatus done;

        @Parameters(
                completionCandidates = NameCandidates.Standing.class,
                paramLabel = "ID",
                description = "The standing id.")
        String id = "";

        @Mixin
        AnswerTimeout answerTimeout = new AnswerTimeout();

        /// @param done the status of the answer if it was done
        Act(CommandContext context, StandingAction action, RetrievalStatus done) {
            super(context);
            this.action = action;
            this.done = done;
        }

        @Override
        public ExitCode run() {
            Connection connection = connect();
            StandingRequest request = request(id, action, context().clock());
            RetrievalResult answer = ask(connection, console(), request, answerTimeout.timeout());
            boolean isUnknown = answer.getCode().equals(Code.UNKNOWN_STANDING_RETRIEVAL.name());
            if (json) {
                console().answer(EventJson.tree(answer));
            } else if (answer.getStatus() == done) {
                console().answer(answer.getMessage());
            } else {
                console().note("firn: " + answer.getMessage() + (isUnknown ? nearest(connection) : ""));
            }
            if (answer.getStatus() == done) {
                return ExitCode.OK;
            }
            return isUnknown ? ExitCode.NOT_FOUND : ExitCode.REFUSED;
        }

        private String nearest(Connection connection) {
            return Registrations.didYouMean(
                    id,
                    read(connection).values().stream()
                            .filter(one -> one.getStatus() != StandingStatus.CANCELLED)
                            .map(StandingRetrieval::getStandingId)
                            .toList());
        }
    }

    @Command(
            name = "cancel",
            description = "Cancels a standing retrieval. Its results stay.",
            footer = "  firn standing cancel daily-customers")
    static final class Cancel extends Act {
        Cancel(CommandContext context) {
            super(context, StandingAction.CANCEL, RetrievalStatus.CANCELLED);
        }
    }

    @Command(
            name = "run",
            description = "Runs a standing retrieval now, or right after its current run. This works after a"
                    + " failure that was the request's fault, but not while an operator or a broken view"
                    + " suspends the standing retrieval.",
            footer = "  firn standing run daily-customers")
    static final class Run extends Act {
        Run(CommandContext context) {
            super(context, StandingAction.RUN, RetrievalStatus.RUN_REQUESTED);
        }
    }

    @Command(
            name = "suspend",
            description = "Suspends a standing retrieval until firn standing resume, which then makes up for the"
                    + " changes in between. A run in progress goes on; to end it, use firn cancel.",
            footer = "  firn standing suspend daily-customers")
    static final class Suspend extends Act {
        Suspend(CommandContext context) {
            super(context, StandingAction.SUSPEND, RetrievalStatus.SUSPENDED);
        }
    }

    @Command(
            name = "resume",
            description = "Resumes a suspended standing retrieval. It runs if something has changed or its last run"
                    + " failed.",
            footer = "  firn standing resume daily-customers")
    static final class Resume extends Act {
        Resume(CommandContext context) {
            super(context, StandingAction.RESUME, RetrievalStatus.RESUMED);
        }
    }

    /// Cancels a standing retrieval and waits for the answer.
    public static RetrievalResult cancel(
            Connection connection, Console console, Clock clock, String standingId, Duration timeout) {
        return ask(connection, console, request(standingId, StandingAction.CANCEL, clock), timeout);
    }

    private static StandingRequest request(String standingId, StandingAction action, Clock clock) {
        return StandingRequest.newBuilder()
                .setRequestId(RequestIds.next("cli", clock))
                .setStandingId(standingId)
                .setAction(action)
                .build();
    }

    private static RetrievalResult ask(
            Connection connection, Console console, StandingRequest request, Duration timeout) {
        Retrievals retrievals = new Retrievals(connection, console);
        try (EventReader answers = EventReader.fromNow(connection, Topic.RETRIEVAL_RESULTS)) {
            retrievals.send(request);
            return retrievals.await(answers, request.getStandingId(), timeout, Asked.of(request)::isAnsweredBy);
        }
    }
}
