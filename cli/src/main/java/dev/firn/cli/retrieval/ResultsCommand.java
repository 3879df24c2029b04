package dev.firn.cli.retrieval;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.firn.cli.command.CommandContext;
import dev.firn.cli.command.CommandFailure;
import dev.firn.cli.command.ConnectedCommand;
import dev.firn.cli.command.Connection;
import dev.firn.cli.command.ExitCode;
import dev.firn.cli.command.NameCandidates;
import dev.firn.cli.events.EventReader;
import dev.firn.cli.events.TopicRecord;
import dev.firn.cli.render.Json;
import dev.firn.cli.render.TextTable;
import dev.firn.cli.view.Registrations;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.events.Violation;
import dev.firn.lake.storage.Storage;
import dev.firn.schemas.EventJson;
import dev.firn.schemas.Topic;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "results",
        description = "Lists recent results, or shows one in full.",
        subcommands = ResultsGcCommand.class,
        footer = {
            "  firn results",
            "  firn results daily-customers",
            "  firn results train-1 --preview 100",
            "  firn results train-1 --python"
        })
public final class ResultsCommand extends ConnectedCommand {
    @Parameters(
            arity = "0..1",
            completionCandidates = NameCandidates.Requests.class,
            paramLabel = "ID",
            description = "A request id, or a standing id for its latest run.")
    @Nullable
    String id;

    @Option(
            names = {"-n", "--limit"},
            paramLabel = "N",
            description = "How many results to list (default: ${DEFAULT-VALUE}).",
            defaultValue = "20")
    int limit = 20;

    @Option(
            names = "--preview",
            paramLabel = "N",
            description = "How many rows of a single result to show (default: ${DEFAULT-VALUE}).",
            defaultValue = "10")
    int preview = 10;

    @Option(names = "--python", description = "Prints the Python code that reads the result, with credentials.")
    boolean python;

    ResultsCommand(CommandContext context) {
        super(context);
    }

    @Override
    protected ExitCode run() {
        if (limit < 1) {
            throw CommandFailure.usage("--limit must be at least 1, not " + limit);
        }
        Connection connection = connect();
        List<RetrievalResult> results = read(connection);
        String wanted = id;
        if (wanted == null) {
            list(results);
            return ExitCode.OK;
        }
        RetrievalResult result = results.reversed().stream()
                .filter(candidate -> candidate.getRequestId().equals(wanted) || Retrievals.isRunOf(wanted, candidate))
                .findFirst()
                .orElseThrow(() -> new CommandFailure(
                        ExitCode.NOT_FOUND,
                        "No result for '%s' in the last 7 days%s"
                                .formatted(wanted, Registrations.didYouMean(wanted, ids(results)))));
        try (Storage storage = connection.storage()) {
            ResultReport report = new ResultReport(connection, storage, console());
            if (python && result.getLocation() != null) {
                report.python(result).forEach(console()::answer);
                return ExitCode.OK;
            }
            return report.show(result, json, preview);
        }
    }

    private static Set<String> ids(List<RetrievalResult> results) {
        Set<String> ids = new TreeSet<>();
        for (RetrievalResult result : results) {
            ids.add(result.getStandingId() == null ? result.getRequestId() : result.getStandingId());
        }
        return ids;
    }

    /// Each result once, oldest first.
    static List<RetrievalResult> read(Connection connection) {
        Map<String, RetrievalResult> results = new LinkedHashMap<>();
        for (TopicRecord event : EventReader.all(connection, Topic.RETRIEVAL_RESULTS)) {
            event.as(RetrievalResult.class)
                    .ifPresent(result -> results.putIfAbsent(
                            "%s %s %s".formatted(result.getRequestId(), result.getRequestDigest(), result.getStatus()),
                            result));
        }
        List<RetrievalResult> sorted = new ArrayList<>(results.values());
        sorted.sort(Comparator.comparing(RetrievalResult::getCompletedAt));
        return sorted;
    }

    private void list(List<RetrievalResult> results) {
        List<RetrievalResult> last = results.subList(Math.max(0, results.size() - limit), results.size());
        if (json) {
            ArrayNode all = Json.array();
            last.forEach(result -> all.add(EventJson.tree(result)));
            console().answer(all);
            return;
        }
        TextTable table = table(last);
        if (table.isEmpty()) {
            console().note("There are no recent results.");
        } else {
            console().answer(table);
        }
    }

    static TextTable table(List<RetrievalResult> results) {
        TextTable table = new TextTable("completed", "request", "standing", "status", "rows", "location, or why not")
                .keepLastColumnWhole();
        for (RetrievalResult result : results) {
            table.row(
                    result.getCompletedAt().truncatedTo(ChronoUnit.SECONDS),
                    result.getRequestId(),
                    result.getStandingId() == null ? "" : result.getStandingId(),
                    result.getStatus(),
                    result.getStatus() == RetrievalStatus.SUCCEEDED ? result.getRows() : "",
                    result.getLocation() == null ? reason(result) : result.getLocation());
        }
        return table;
    }

    private static String reason(RetrievalResult result) {
        List<Violation> violations = result.getViolations();
        if (violations.isEmpty()) {
            return "%s %s".formatted(result.getCode(), result.getMessage()).strip();
        }
        String first = Registrations.describe(violations.getFirst());
        return violations.size() == 1 ? first : "%s (and %d more)".formatted(first, violations.size() - 1);
    }
}
