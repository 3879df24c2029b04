package dev.firn.cli.events;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.firn.cli.command.CommandContext;
import dev.firn.cli.command.CommandFailure;
import dev.firn.cli.command.ConnectedCommand;
import dev.firn.cli.command.Connection;
import dev.firn.cli.command.ExitCode;
import dev.firn.cli.command.NameCandidates;
import dev.firn.cli.render.ChangesText;
import dev.firn.cli.render.Json;
import dev.firn.embedded.StackUser;
import dev.firn.events.FeatureView;
import dev.firn.events.RegistrationRequest;
import dev.firn.events.RegistrationResult;
import dev.firn.events.RetrievalCommand;
import dev.firn.events.RetrievalProgress;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.StandingRequest;
import dev.firn.events.TableCommit;
import dev.firn.events.ViewOutcome;
import dev.firn.lake.LakeException;
import dev.firn.lake.LakeOutage;
import dev.firn.lake.catalog.NearestName;
import dev.firn.lake.storage.Storage;
import dev.firn.schemas.EventJson;
import dev.firn.schemas.Topic;
import dev.firn.service.result.AttemptNote;
import dev.firn.service.result.ResultLayout;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificRecord;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "trace",
        description = "Shows everything that the topics and the results folder know about a request, a"
                + " standing retrieval or a view, in order of time: attempts, snapshots, stages and reasons.",
        footer = {"  firn trace train-1", "  firn trace daily-customers", "  firn trace customer_features --json"})
public final class TraceCommand extends ConnectedCommand {
    private static final int MAX_MANIFEST_BYTES = 64 << 20;

    /// The stages of a retrieval in order.
    private static final List<String> STAGES =
            List.of("resolve", "pin", "spine", "plan", "join", "gather", "write", "publish");

    @Parameters(
            completionCandidates = NameCandidates.Requests.class,
            paramLabel = "ID",
            description = "A request id, a standing id or a view's name.")
    String id = "";

    TraceCommand(CommandContext context) {
        super(context);
    }

    @Override
    protected StackUser user() {
        return StackUser.OPERATOR;
    }

    @Override
    protected ExitCode run() {
        Connection connection = connect();
        List<TopicRecord> all = EventReader.all(
                connection,
                Topic.REGISTRATION_REQUESTS,
                Topic.REGISTRATION_RESULTS,
                Topic.FEATURE_VIEWS,
                Topic.STANDING_REQUESTS,
                Topic.RETRIEVAL_REQUESTS,
                Topic.RETRIEVAL_RUNS,
                Topic.RETRIEVAL_COMMANDS,
                Topic.RETRIEVAL_PROGRESS,
                Topic.RETRIEVAL_RESULTS,
                Topic.TABLE_COMMITS,
                Topic.DEAD_LETTERS);
        List<TopicRecord> events = all.stream()
                .filter(this::concerns)
                .sorted(Comparator.comparing(TopicRecord::at))
                .toList();
        RunCauses causes = new RunCauses(all.stream()
                .flatMap(event -> event.as(TableCommit.class).stream())
                .toList());
        ObjectNode trace = Json.object().put("id", id);
        ArrayNode described = trace.putArray("events");
        events.forEach(event -> described.add(asJson(event, causes)));
        Optional<JsonNode> manifest;
        try (Storage storage = connection.storage()) {
            manifest = manifest(connection, storage);
            manifest.ifPresent(node -> trace.set("manifest", node));
            attempts(connection, storage).ifPresent(attempts -> trace.set("attempts", attempts));
        }
        if (events.isEmpty() && manifest.isEmpty()) {
            throw new CommandFailure(ExitCode.NOT_FOUND, "Nothing found for '%s'%s".formatted(id, nearest(all)));
        }
        if (json) {
            console().answer(trace);
        } else {
            events.forEach(event -> console()
                    .answer("%s  %-30s %s".formatted(event.at(), event.coordinates(), describe(event, causes))));
            JsonNode attempts = trace.path("attempts");
            attempts.forEach(attempt -> console().answer("attempt folder  " + attempt.asText()));
            manifest.ifPresent(node -> console().answer("manifest  " + connection.manifestOf(id)));
        }
        return ExitCode.OK;
    }

    private boolean concerns(TopicRecord event) {
        return event.key().equals(id)
                || event.headers().containsValue(id)
                || switch (event.value()) {
                    case null -> false;
                    case RegistrationRequest request -> request.getRequestId().equals(id);
                    case RegistrationResult result -> result.getRequestId().equals(id);
                    case FeatureView view -> view.getRequestId().equals(id);
                    case StandingRequest request -> request.getRequestId().equals(id);
                    case RetrievalRequest request -> request.getRequestId().equals(id);
                    case RetrievalCommand command -> command.getRequestId().equals(id);
                    case RetrievalProgress progress -> progress.getRequestId().equals(id);
                    case RetrievalResult result ->
                        result.getRequestId().equals(id) || id.equals(result.getStandingId());
                    case SpecificRecord other -> false;
                };
    }

    private String nearest(List<TopicRecord> events) {
        return NearestName.of(
                        id, events.stream().map(TopicRecord::key).distinct().toList())
                .map(name -> "; did you mean '%s'?".formatted(name))
                .orElse("");
    }

    private static ObjectNode asJson(TopicRecord event, RunCauses causes) {
        ObjectNode node = Json.object()
                .put("at", event.at().toString())
                .put("topic", event.topic().simpleName())
                .put("partition", event.partition())
                .put("offset", event.offset())
                .put("key", event.key());
        SpecificRecord value = event.value();
        if (value != null) {
            node.set("event", EventJson.tree(value));
        }
        if (event.topic() == Topic.RETRIEVAL_RUNS && value instanceof RetrievalRequest run) {
            causes.of(run).forEach(node.putArray("causes")::add);
        }
        if (!event.undecodable().isEmpty()) {
            node.put("undecodable", event.undecodable());
        }
        ObjectNode headers = node.putObject("headers");
        event.headers().forEach(headers::put);
        return node;
    }

    private static String describe(TopicRecord event, RunCauses causes) {
        return switch (event.value()) {
            case null -> event.undecodable().isEmpty() ? "removed" : event.undecodable();
            case RegistrationRequest request -> request.getAction() + " " + request.getName();
            case RegistrationResult result -> result.getStatus() + " " + result.getMessage();
            case FeatureView view ->
                "%s version %d, snapshot %s"
                        .formatted(
                                view.getStatus(),
                                view.getVersion(),
                                view.getSource().getSnapshotId());
            case StandingRequest request -> request.getAction() + " " + request.getStandingId();
            case RetrievalRequest run when event.topic() == Topic.RETRIEVAL_RUNS -> describe(run, causes);
            case RetrievalRequest request -> "asks for " + String.join(", ", request.getFeatures());
            case RetrievalCommand command ->
                "%s %s %s"
                        .formatted(command.getAction(), command.getRequestId(), command.getReason())
                        .strip();
            case RetrievalProgress progress -> describe(progress);
            case RetrievalResult result -> describe(result);
            case SpecificRecord other -> other.getSchema().getName();
        };
    }

    private static String describe(RetrievalRequest run, RunCauses causes) {
        StringBuilder text = new StringBuilder("run " + run.getRequestId());
        causes.of(run).forEach(cause -> text.append("%n    cause: ".formatted()).append(cause));
        return text.toString();
    }

    private static String describe(RetrievalProgress progress) {
        String stage = "attempt %d %s %s"
                .formatted(progress.getAttempt(), progress.getStage(), progress.getView())
                .strip();
        if (progress.getUnit().isEmpty()) {
            return stage;
        }
        return progress.getTotal() == 0
                ? "%s, %,d %s".formatted(stage, progress.getDone(), progress.getUnit())
                : "%s, %,d of %,d %s".formatted(stage, progress.getDone(), progress.getTotal(), progress.getUnit());
    }

    private static String describe(RetrievalResult result) {
        String attempt = result.getAttempt() == 0 ? "" : " in attempt " + result.getAttempt();
        StringBuilder text = new StringBuilder("%s%s: %s".formatted(result.getStatus(), attempt, result.getMessage()));
        for (ViewOutcome view : result.getViews()) {
            text.append("%n    %s version %d at snapshot %s: %,d matched, %,d unmatched, %,d ambiguous"
                    .formatted(
                            view.getAlias(),
                            view.getVersion(),
                            view.getSnapshotId(),
                            view.getMatched(),
                            view.getUnmatched(),
                            view.getAmbiguous()));
        }
        ChangesText.of(result)
                .ifPresent(changes -> text.append("%n    ".formatted()).append(changes));
        if (!result.getStageMillis().isEmpty()) {
            text.append("%n    ".formatted())
                    .append(result.getStageMillis().entrySet().stream()
                            .sorted(Comparator.comparing(stage -> STAGES.indexOf(stage.getKey())))
                            .map(stage -> "%s %,d ms".formatted(stage.getKey(), stage.getValue()))
                            .collect(Collectors.joining(", ")));
        }
        result.getViolations()
                .forEach(violation -> text.append("%n    %s %s: %s"
                        .formatted(violation.getCode(), violation.getField(), violation.getMessage())));
        return text.toString();
    }

    private Optional<JsonNode> manifest(Connection connection, Storage storage) {
        try {
            byte[] bytes = storage.read(connection.manifestOf(id), MAX_MANIFEST_BYTES);
            return Optional.of(Json.parse(new String(bytes, StandardCharsets.UTF_8)));
        } catch (LakeException e) {
            noteOutage(e);
            return Optional.empty();
        }
    }

    /// Notes an outage; the trace then shows only the events.
    private void noteOutage(LakeException fault) {
        if (fault instanceof LakeOutage) {
            console().note("firn: cannot read the results folder: " + fault.getMessage());
        }
    }

    private Optional<ArrayNode> attempts(Connection connection, Storage storage) {
        ArrayNode attempts = Json.array();
        ResultLayout layout = connection.results();
        try {
            storage.list(layout.requestFolder(id)).stream()
                    .flatMap(file -> AttemptNote.parse(layout, id, file.location()).stream())
                    .filter(note -> note.kind() == AttemptNote.Kind.CLAIM)
                    .map(note -> layout.filesFolder(id, note.attempt(), note.token()))
                    .forEach(attempts::add);
        } catch (LakeException e) {
            noteOutage(e);
            return Optional.empty();
        }
        return attempts.isEmpty() ? Optional.empty() : Optional.of(attempts);
    }
}
