package dev.firn.cli.retrieval;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.firn.cli.command.CommandContext;
import dev.firn.cli.command.ConnectedCommand;
import dev.firn.cli.command.Connection;
import dev.firn.cli.command.ExitCode;
import dev.firn.cli.render.Json;
import dev.firn.cli.render.Plural;
import dev.firn.lake.storage.Storage;
import dev.firn.service.result.ResultSweep;
import java.time.Clock;
import java.util.EnumMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "gc",
        description = "Deletes what no result needs: files of attempts that did not decide, multipart uploads"
                + " that were never completed, probes, and results older than firn.results.ttl. Workers do"
                + " the same every firn.results.sweep-interval.",
        footer = {"  firn results gc --dry-run", "  firn results gc"})
final class ResultsGcCommand extends ConnectedCommand {
    @Option(names = "--dry-run", description = "Only lists what would be deleted, without the uploads.")
    boolean dryRun;

    ResultsGcCommand(CommandContext context) {
        super(context);
    }

    @Override
    protected ExitCode run() {
        Connection connection = connect();
        Map<ResultSweep.Reason, Integer> files = new EnumMap<>(ResultSweep.Reason.class);
        ArrayNode listed = Json.array();
        try (Storage storage = connection.storage()) {
            ResultSweep sweep = connection.sweep(storage, Clock.systemUTC());
            sweep.find(leftover -> {
                files.merge(leftover.reason(), leftover.files().size(), Integer::sum);
                if (dryRun) {
                    leftover.files().forEach(file -> list(listed, leftover, file));
                } else {
                    leftover.delete(storage);
                }
            });
            int uploads = dryRun ? 0 : sweep.abandonUploads();
            report(listed, files, uploads);
        }
        return ExitCode.OK;
    }

    private void list(ArrayNode listed, ResultSweep.Leftover leftover, String file) {
        if (json) {
            listed.addObject()
                    .put("owner", leftover.owner())
                    .put("reason", leftover.reason().name())
                    .put("file", file);
        } else {
            console().answer("%-10s %s".formatted(leftover.reason(), file));
        }
    }

    private void report(ArrayNode listed, Map<ResultSweep.Reason, Integer> files, int uploads) {
        if (json) {
            ObjectNode answer = Json.object();
            ObjectNode counts =
                    answer.put("dry_run", dryRun).put("uploads", uploads).putObject("files");
            files.forEach((reason, count) -> counts.put(reason.name(), count));
            answer.set("leftovers", listed);
            console().answer(answer);
            return;
        }
        int total = files.values().stream().mapToInt(Integer::intValue).sum();
        console()
                .answer(
                        dryRun
                                ? Plural.of(total, "file") + " would be deleted"
                                : "%s deleted, %s abandoned"
                                        .formatted(Plural.of(total, "file"), Plural.of(uploads, "upload")));
    }
}
