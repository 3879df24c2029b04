package dev.firn.cli.retrieval;

import dev.firn.cli.command.AnswerTimeout;
import dev.firn.cli.command.CommandContext;
import dev.firn.cli.command.CommandFailure;
import dev.firn.cli.command.ConnectedCommand;
import dev.firn.cli.command.Connection;
import dev.firn.cli.command.ExitCode;
import dev.firn.cli.command.NameCandidates;
import dev.firn.cli.command.Times;
import dev.firn.cli.events.EventReader;
import dev.firn.cli.events.EventSender;
import dev.firn.events.RetrievalAction;
import dev.firn.events.RetrievalCommand;
import dev.firn.events.RetrievalResult;
import dev.firn.lake.storage.Storage;
import dev.firn.schemas.Code;
import dev.firn.schemas.EventJson;
import dev.firn.schemas.Ids;
import dev.firn.schemas.Topic;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "cancel",
        description = "Cancels a retrieval, or a run of a standing retrieval, and shows its outcome. Exits"
                + " with 0 if it was cancelled, and with 1 if another outcome came first. The id stays"
                + " cancelled, even for a request that comes later. To end a standing retrieval, use firn"
                + " standing cancel.",
        footer = {"  firn cancel train-1", "  firn cancel train-1 --reason superseded"})
public final class CancelCommand extends ConnectedCommand {
    @Parameters(
            completionCandidates = NameCandidates.Requests.class,
            paramLabel = "ID",
            description = "The id of the request or run.")
    String id = "";

    @Option(
            names = "--reason",
            paramLabel = "TEXT",
            description = "Why, for people; it becomes part of the result's message.")
    String reason = "";

    @Mixin
    AnswerTimeout answerTimeout = new AnswerTimeout();

    CancelCommand(CommandContext context) {
        super(context);
    }

    @Override
    protected ExitCode run() {
        if (!Ids.isRequestId(id)) {
            throw CommandFailure.usage(
                    "'%s' is not the id of a request: it must match [A-Za-z0-9][A-Za-z0-9._-]{0,126}".formatted(id));
        }
        Connection connection = connect();
        RetrievalResult outcome = outcome(connection, answerTimeout.timeout());
        if (outcome.getCode().equals(Code.CANCELLED.name())) {
            console().answer(json ? EventJson.tree(outcome).toString() : outcome.getMessage());
            return ExitCode.OK;
        }
        if (!json) {
            console().note("firn: '%s' had an outcome before it could be cancelled".formatted(id));
        }
        try (Storage storage = connection.storage()) {
            new ResultReport(connection, storage, console()).show(outcome, json, 0);
        }
        return ExitCode.REFUSED;
    }

    private RetrievalResult outcome(Connection connection, Duration timeout) {
        try (EventReader answers = EventReader.fromNow(connection, Topic.RETRIEVAL_RESULTS);
                EventSender sender = new EventSender(connection)) {
            sender.send(
                    Topic.RETRIEVAL_COMMANDS,
                    id,
                    RetrievalCommand.newBuilder()
                            .setRequestId(id)
                            .setAction(RetrievalAction.CANCEL)
                            .setReason(reason)
                            .build());
            return answers.await(
                            timeout, event -> event.as(RetrievalResult.class).filter(this::isOutcome))
                    .orElseThrow(() -> new CommandFailure(
                            ExitCode.TIMED_OUT,
                            "No worker has answered within %s; the cancellation of %s stands. To see what"
                                            .formatted(Times.format(timeout), id)
                                    + " becomes of it: ./firn trace %s".formatted(id)));
        }
    }

    /// Answers that stand on the store say where. Others are about another request with the id, or about bytes.
    private boolean isOutcome(RetrievalResult result) {
        return result.getRequestId().equals(id) && result.getManifestLocation() != null;
    }
}
