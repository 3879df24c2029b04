package dev.firn.cli.view;

import dev.firn.cli.command.AnswerTimeout;
import dev.firn.cli.command.CommandContext;
import dev.firn.cli.command.ConnectedCommand;
import dev.firn.cli.command.Connection;
import dev.firn.cli.command.ExitCode;
import dev.firn.cli.command.NameCandidates;
import dev.firn.cli.events.LatestRecords;
import dev.firn.events.RegistrationAction;
import dev.firn.events.RegistrationRequest;
import dev.firn.events.RegistrationResult;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.StandingRetrieval;
import dev.firn.events.StandingStatus;
import dev.firn.schemas.Topic;
import dev.firn.service.client.RequestIds;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "drop",
        description = "Drops a feature view, and says which standing retrievals that suspends. The table"
                + " itself stays as it is.",
        footer = {"  firn drop customer_features --dry-run", "  firn drop customer_features"})
public final class DropCommand extends ConnectedCommand {
    @Parameters(
            completionCandidates = NameCandidates.Views.class,
            paramLabel = "NAME",
            description = "The view's name.")
    String name = "";

    @Option(names = "--request-id", paramLabel = "ID", description = "The request's id (default: a new one).")
    @Nullable
    String requestId;

    @Option(names = "--expected-version", paramLabel = "N", description = "Drops the view only if its version is N.")
    @Nullable
    Long expectedVersion;

    @Option(names = "--dry-run", description = "Drops nothing; says what would be suspended.")
    boolean dryRun;

    @Mixin
    AnswerTimeout answerTimeout = new AnswerTimeout();

    DropCommand(CommandContext context) {
        super(context);
    }

    @Override
    protected ExitCode run() {
        Connection connected = connect();
        RegistrationRequest request = RegistrationRequest.newBuilder(request(
                        requestId == null ? RequestIds.next("cli", context().clock()) : requestId,
                        name,
                        expectedVersion))
                .setDryRun(dryRun)
                .build();
        RegistrationResult result = Registrations.ask(connected, request, answerTimeout.timeout());
        ExitCode code = Registrations.report(result, console(), json);
        if (code == ExitCode.OK) {
            noteSuspended(LatestRecords.of(connected, Topic.STANDING_RETRIEVALS, StandingRetrieval.class));
        } else if (code == ExitCode.NOT_FOUND) {
            String nearest = ViewsCommand.nearest(name, ViewsCommand.read(connected));
            if (!nearest.isEmpty()) {
                console().note("  " + nearest.substring("; ".length()));
            }
        }
        return code;
    }

    private void noteSuspended(Map<String, StandingRetrieval> standing) {
        String suspended = String.join(", ", readers(name, standing));
        if (!suspended.isEmpty()) {
            console()
                    .note((dryRun
                                    ? "This would suspend these standing retrievals: "
                                    : "Suspended standing retrievals: ")
                            + suspended
                            + ". They run again once '%s' is registered again; ./firn standing cancel ID ends one"
                                    .formatted(name));
        }
    }

    /// The ids of the standing retrievals that read the view and are not cancelled.
    static List<String> readers(String view, Map<String, StandingRetrieval> standing) {
        return standing.values().stream()
                .filter(one -> one.getStatus() != StandingStatus.CANCELLED)
                .filter(one -> reads(one.getRetrieval(), view))
                .map(StandingRetrieval::getStandingId)
                .toList();
    }

    private static boolean reads(RetrievalRequest retrieval, String view) {
        Map<String, String> aliases = retrieval.getViews().stream()
                .filter(use -> use.getAlias() != null)
                .collect(
                        Collectors.toMap(use -> String.valueOf(use.getAlias()), use -> use.getView(), (one, _) -> one));
        return retrieval.getFeatures().stream()
                .map(feature -> feature.replaceFirst(":.*", ""))
                .anyMatch(name -> aliases.getOrDefault(name, name).equals(view));
    }

    public static RegistrationRequest request(String requestId, String view, @Nullable Long expectedVersion) {
        return RegistrationRequest.newBuilder()
                .setRequestId(requestId)
                .setAction(RegistrationAction.DROP)
                .setName(view)
                .setExpectedVersion(expectedVersion)
                .build();
    }
}
