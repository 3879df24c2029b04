package dev.firn.cli.retrieval;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.firn.cli.command.CommandContext;
import dev.firn.cli.command.CommandFailure;
import dev.firn.cli.command.ConnectedCommand;
import dev.firn.cli.command.Connection;
import dev.firn.cli.command.ExitCode;
import dev.firn.cli.command.Times;
import dev.firn.cli.render.Json;
import dev.firn.cli.view.ViewsCommand;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.events.StandingRetrieval;
import dev.firn.events.StandingStatus;
import dev.firn.lake.storage.Storage;
import dev.firn.schemas.EventJson;
import dev.firn.service.client.RequestIds;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "retrieve",
        description = "Retrieves features as they were known at the time of each row.",
        footer = {
            "  firn retrieve --ids customer_id=7,8 -f 'customer_features:*'",
            "  firn retrieve --rows labels.csv --infer -f customer_features:total_orders --out train",
            "  firn retrieve --spine s3://lake/spines/train/ -f 'customer_features:*,clerk_features:revenue'",
            "  firn retrieve --all --as-of 2024-03-01 -f 'customer_features:*' --standing daily-customers",
            "  firn retrieve --pins train-1",
        })
public final class RetrieveCommand extends ConnectedCommand {
    @Mixin
    RetrieveOptions retrieval = new RetrieveOptions();

    @Option(
            names = "--standing",
            paramLabel = "ID",
            description = "Creates a standing retrieval: it runs now, and again whenever its data changes.")
    @Nullable
    String standing;

    @Option(
            names = "--request-id",
            paramLabel = "ID",
            description = "The request's id and the name of the result's folder (default: a new id).")
    @Nullable
    String requestId;

    @Option(
            names = "--wait",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description = "Waits for the result and shows progress (default). --no-wait prints the id at once.")
    boolean wait = true;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            converter = Times.DurationConverter.class,
            description = "How long to wait for the result (default: ${DEFAULT-VALUE}).",
            defaultValue = "10m")
    Duration timeout = Duration.ofMinutes(10);

    @Option(
            names = "--deadline",
            paramLabel = "TIME",
            description = "When the result stops being useful, as a time or a duration from now. A request that"
                    + " has not been answered by then fails with DEADLINE_EXCEEDED (default: never).")
    @Nullable
    String deadline;

    @Option(names = "--out", paramLabel = "FOLDER", description = "Copies the result's files to this folder.")
    @Nullable
    Path out;

    @Option(
            names = "--preview",
            paramLabel = "N",
            description = "How many rows to show (default: ${DEFAULT-VALUE}).",
            defaultValue = "10")
    int preview = 10;

    RetrieveCommand(CommandContext context) {
        super(context);
    }

    @Override
    protected ExitCode run() {
        if (out != null && !wait) {
            throw CommandFailure.usage("--out needs the result and cannot be used with --no-wait");
        }
        if (retrieval.spine.request != null && !(retrieval.details.isDefault() && retrieval.read.isDefault())) {
            throw CommandFailure.usage(
                    "--request has the whole request and cannot be combined with other options of the retrieval");
        }
        if (out != null) {
            ResultReport.requireNoResult(out);
        }
        if (deadline != null && standing != null) {
            throw CommandFailure.usage("--deadline cannot be used with --standing: every run after it would fail");
        }
        Instant until =
                deadline == null ? null : Times.deadline(deadline, context().clock());
        if (!retrieval.spine.isNamed()) {
            requirePinsOnly();
        }
        Connection connection = connect();
        try (Storage storage = connection.storage()) {
            RetrievalRequest request = request(connection, storage);
            if (until != null) {
                request =
                        RetrievalRequest.newBuilder(request).setDeadline(until).build();
            }
            Retrievals retrievals = new Retrievals(connection, console());
            if (!wait) {
                return send(retrievals, request);
            }
            RetrievalResult result = standing == null
                    ? retrievals.ask(request, timeout)
                    : retrievals.askStanding(standing, request, timeout);
            if (!json && retrieval.spine.request == null) {
                result = OptionNames.in(result, request.getSpine());
            }
            ResultReport report = new ResultReport(connection, storage, console());
            if (out != null && result.getLocation() != null) {
                report.copy(result, out);
            }
            ExitCode code = report.show(result, json, preview);
            if (!json) {
                printNextSteps(connection, result);
            }
            return code;
        }
    }

    private void printNextSteps(Connection connection, RetrievalResult result) {
        if (out != null && result.getLocation() != null) {
            console().answer("copied to " + out);
        }
        StandingRetrieval stored =
                standing == null ? null : StandingCommand.read(connection).get(standing);
        if (stored == null || stored.getStatus() == StandingStatus.CANCELLED) {
            return;
        }
        if (result.getStatus() == RetrievalStatus.CREATED) {
            console()
                    .answer(
                            stored.getLastLocation() == null
                                    ? "It has no result yet."
                                    : "Latest result: " + stored.getLastLocation());
        } else if (result.getStatus() != RetrievalStatus.SUCCEEDED) {
            console()
                    .note(
                            "  '%s' is still active and runs again when its data changes. To end it: ./firn standing cancel %s"
                                    .formatted(standing, standing));
        }
    }

    private ExitCode send(Retrievals retrievals, RetrievalRequest request) {
        ObjectNode sent = Json.object();
        if (standing == null) {
            retrievals.send(request);
            sent.put("request_id", request.getRequestId());
        } else {
            retrievals.send(Retrievals.createRequest(standing, request));
            sent.put("standing_id", standing).put("request_id", request.getRequestId());
        }
        if (json) {
            console().answer(sent);
        } else {
            console().answer(standing == null ? request.getRequestId() : standing);
        }
        return ExitCode.OK;
    }

    private RetrievalRequest requestFromJson(String text) {
        ObjectNode body = EventJson.object(text);
        if (requestId != null) {
            body.put("request_id", requestId);
        } else if (!body.hasNonNull("request_id")) {
            body.put("request_id", RequestIds.next("cli", context().clock()));
        }
        return EventJson.read(RetrievalRequest.class, body);
    }

    private void requirePinsOnly() {
        if (retrieval.read.pins == null) {
            throw CommandFailure.usage(
                    "Name the rows to add features to: --spine, --spine-table, --rows, --ids, --all, --range or --request;"
                            + " or repeat an earlier retrieval with --pins ID");
        }
        if (!(retrieval.details.isDefault() && retrieval.read.isPinsOnly())) {
            throw CommandFailure.usage(
                    "--pins alone repeats a retrieval whole and cannot be combined with other options"
                            + " of the retrieval; to read other rows or features at its snapshots, name both");
        }
    }

    private RetrievalRequest request(Connection connection, Storage storage) {
        if (retrieval.spine.request != null) {
            return requestFromJson(context().readText(retrieval.spine.request));
        }
        String id = requestId == null ? RequestIds.next("cli", context().clock()) : requestId;
        String pins = retrieval.read.pins;
        if (pins != null && !retrieval.spine.isNamed()) {
            return EarlierRetrieval.at(RequestFromOptions.manifest(pins, connection::manifestOf), storage)
                    .repeated(id);
        }
        Uploads uploads = new Uploads(storage, connection.config().access().spineLocations());
        ColumnTypes types = new ColumnTypes(retrieval, () -> ViewsCommand.read(connection), console());
        return new RequestFromOptions(context()::readText, uploads::put, types, console())
                .request(id, retrieval, connection::manifestOf);
    }
}
