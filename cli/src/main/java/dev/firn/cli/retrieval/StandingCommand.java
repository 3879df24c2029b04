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
        subcommands = StandingCommand.Cancel.class,
        footer = {"  firn standing", "  firn standing --cancelled --json"})
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
                    .filter(one -> !one.getReasons().isEmpty())
                    .forEach(one -> {
                        console().note(one.getStandingId() + " is suspended:");
                        Registrations.printFindings(console(), "✗", one.getReasons());
                    });
            standing.values().forEach(this::printRetry);
        }
        return ExitCode.OK;
    }

    private void printRetry(StandingRetrieval one) {
        if (one.getRetryAt() != null && one.getLastFailure() != null) {
            console().note("%s failed and is tried again at %s:".formatted(one.getStandingId(), one.getRetryAt()));
            Registrations.printFindings(console(), "✗", List.of(one.getLastFailure()));
        }
    }

    static Map<String, StandingRetrieval> read(Connection connection) {
        return LatestRecords.of(connection, Topic.STANDING_RETRIEVALS, StandingRetrieval.class);
    }

    @Command(
            name = "cancel",
            description = "Cancels a standing retrieval. Its results stay.",
            footer = "  firn standing cancel daily-customers")
    static final class Cancel extends ConnectedCommand {
        @Parameters(
                completionCandidates = NameCandidates.Standing.class,
                paramLabel = "ID",
                description = "The standing id.")
        String id = "";

        @Mixin
        AnswerTimeout answerTimeout = new AnswerTimeout();

        Cancel(CommandContext context) {
            super(context);
        }

        @Override
        public ExitCode run() {
            Connection connection = connect();
            RetrievalResult answer = cancel(connection, console(), context().clock(), id, answerTimeout.timeout());
            boolean isUnknown = answer.getCode().equals(Code.UNKNOWN_STANDING_RETRIEVAL.name());
            if (json) {
                console().answer(EventJson.tree(answer));
            } else if (answer.getStatus() == RetrievalStatus.CANCELLED) {
                console().answer(answer.getMessage());
            } else {
                console().note("firn: " + answer.getMessage() + (isUnknown ? nearest(connection) : ""));
            }
            if (answer.getStatus() == RetrievalStatus.CANCELLED) {
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

    /// Cancels a standing retrieval and waits for the answer.
    public static RetrievalResult cancel(
            Connection connection, Console console, Clock clock, String standingId, Duration timeout) {
        StandingRequest request = StandingRequest.newBuilder()
                .setRequestId(RequestIds.next("cli", clock))
                .setStandingId(standingId)
                .setAction(StandingAction.CANCEL)
                .build();
        Retrievals retrievals = new Retrievals(connection, console);
        try (EventReader answers = EventReader.fromNow(connection, Topic.RETRIEVAL_RESULTS)) {
            retrievals.send(request);
            return retrievals.await(answers, standingId, timeout, Asked.of(request)::isAnsweredBy);
        }
    }
}
