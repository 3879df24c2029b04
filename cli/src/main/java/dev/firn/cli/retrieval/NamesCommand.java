package dev.firn.cli.retrieval;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.firn.cli.command.CommandContext;
import dev.firn.cli.command.ConnectedCommand;
import dev.firn.cli.command.Connection;
import dev.firn.cli.command.ExitCode;
import dev.firn.cli.command.NameCandidates;
import dev.firn.cli.render.Json;
import dev.firn.cli.view.ViewsCommand;
import dev.firn.events.FeatureView;
import dev.firn.events.RetrievalResult;
import dev.firn.events.StandingRetrieval;
import dev.firn.events.StandingStatus;
import dev.firn.events.ViewStatus;
import java.util.Set;
import java.util.TreeSet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "names",
        hidden = true,
        description = "Prints names for completion, one per line.",
        footer = "  firn names views")
public final class NamesCommand extends ConnectedCommand {
    @Parameters(paramLabel = "KIND", description = "views, requests or standing.")
    NameCandidates.Kind kind = NameCandidates.Kind.VIEWS;

    NamesCommand(CommandContext context) {
        super(context);
    }

    @Override
    protected ExitCode run() {
        Set<String> names = names(connect());
        if (json) {
            ArrayNode all = Json.array();
            names.forEach(all::add);
            console().answer(all);
        } else {
            names.forEach(console()::answer);
        }
        return ExitCode.OK;
    }

    private Set<String> names(Connection connection) {
        Set<String> names = new TreeSet<>();
        switch (kind) {
            case VIEWS ->
                ViewsCommand.read(connection).values().stream()
                        .filter(view -> view.getStatus() != ViewStatus.DROPPED)
                        .map(FeatureView::getName)
                        .forEach(names::add);
            case REQUESTS -> {
                ResultsCommand.read(connection).stream()
                        .map(RetrievalResult::getRequestId)
                        .forEach(names::add);
                standing(connection, names);
            }
            case STANDING -> standing(connection, names);
        }
        return names;
    }

    private static void standing(Connection connection, Set<String> names) {
        StandingCommand.read(connection).values().stream()
                .filter(one -> one.getStatus() != StandingStatus.CANCELLED)
                .map(StandingRetrieval::getStandingId)
                .forEach(names::add);
    }
}
