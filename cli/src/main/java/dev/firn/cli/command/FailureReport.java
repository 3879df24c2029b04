package dev.firn.cli.command;

import dev.firn.cli.render.Console;
import dev.firn.cli.render.Json;
import dev.firn.config.InvalidConfigException;
import dev.firn.embedded.StackException;
import dev.firn.lake.LakeOutage;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.catalog.NearestName;
import dev.firn.schemas.EventJsonException;
import dev.firn.schemas.SchemaRegistryUnavailableException;
import dev.firn.schemas.TopicMismatchException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.TimeoutException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/// Reports why a command failed: a message on standard error, with `--json` also an object on standard output, and an
/// exit code. Only a bug in Firn prints a stack trace.
public record FailureReport(Console console) implements IExecutionExceptionHandler, IParameterExceptionHandler {
    @Override
    public int handleExecutionException(Exception failure, CommandLine line, ParseResult parsed) {
        return report(failure, line, parsed);
    }

    /// Prints one sentence and where to find help. The whole help would push the sentence off the screen.
    @Override
    public int handleParseException(ParameterException failure, String[] arguments) {
        CommandLine line = failure.getCommandLine();
        console.note("firn: " + failure.getMessage());
        if (failure instanceof UnmatchedArgumentException unmatched) {
            nearest(unmatched).ifPresent(name -> console.note("Did you mean %s?".formatted(name)));
        }
        console.note("Try: %s --help".formatted(line.getCommandSpec().qualifiedName()));
        answerJson(ExitCode.USAGE, String.valueOf(failure.getMessage()), List.of(arguments));
        return ExitCode.USAGE.number();
    }

    /// The option or command that was probably meant.
    private static Optional<String> nearest(UnmatchedArgumentException failure) {
        if (failure.getUnmatched().isEmpty()) {
            return Optional.empty();
        }
        String written = failure.getUnmatched().getFirst().replaceFirst("(?s)=.*", "");
        CommandSpec command = failure.getCommandLine().getCommandSpec();
        Set<String> names = written.startsWith("-")
                ? command.optionsMap().keySet()
                : command.subcommands().keySet();
        return NearestName.of(written, names);
    }

    public int report(Throwable failure, CommandLine line, ParseResult parsed) {
        CommandFailure reported = asCommandFailure(failure);
        console.note("firn: " + reported.getMessage());
        if (reported.exitCode() == ExitCode.INTERNAL) {
            failure.printStackTrace(line.getErr());
            line.getErr().flush();
        }
        answerJson(reported.exitCode(), String.valueOf(reported.getMessage()), parsed.originalArgs());
        return reported.exitCode().number();
    }

    private void answerJson(ExitCode exitCode, String message, List<String> arguments) {
        if (arguments.contains("--json")) {
            console.answer(Json.object()
                    .set(
                            "error",
                            Json.object().put("code", exitCode.code().name()).put("message", message)));
        }
    }

    static CommandFailure asCommandFailure(Throwable failure) {
        return switch (failure) {
            case CommandFailure known -> known;
            case InvalidConfigException config ->
                new CommandFailure(
                        ExitCode.USAGE, "Invalid settings:\n  " + String.join("\n  ", config.problems()), config);
            case EventJsonException json -> new CommandFailure(ExitCode.USAGE, String.valueOf(json.getMessage()), json);
            case TopicMismatchException topics ->
                new CommandFailure(ExitCode.REFUSED, String.valueOf(topics.getMessage()), topics);
            case SchemaRegistryUnavailableException registry ->
                CommandFailure.notReachable("Cannot reach the schema registry: " + registry.getMessage(), registry);
            case LakeOutage outage -> CommandFailure.notReachable(String.valueOf(outage.getMessage()), outage);
            case LakeRejection rejection ->
                new CommandFailure(ExitCode.REFUSED, rejection.code() + ": " + rejection.getMessage(), rejection);
            case StackException stack -> CommandFailure.notReachable(String.valueOf(stack.getMessage()), stack);
            case TimeoutException timeout ->
                CommandFailure.notReachable("Kafka did not answer in time: " + timeout.getMessage(), timeout);
            case KafkaException kafka -> ofKafka(kafka);
            default ->
                new CommandFailure(
                        ExitCode.INTERNAL,
                        "%s: %s".formatted(failure.getClass().getSimpleName(), failure.getMessage()),
                        failure);
        };
    }

    /// Kafka's clients wrap the exception that says what is wrong.
    private static CommandFailure ofKafka(KafkaException failure) {
        Throwable reason = failure.getCause() == null ? failure : failure.getCause();
        String message = String.valueOf(reason.getMessage());
        return switch (reason) {
            case ConfigException config -> new CommandFailure(ExitCode.USAGE, "Kafka: " + message, config);
            case AuthenticationException denied -> CommandFailure.notReachable("Kafka: " + message, denied);
            case AuthorizationException denied -> CommandFailure.notReachable("Kafka: " + message, denied);
            default ->
                new CommandFailure(
                        ExitCode.INTERNAL, "%s: %s".formatted(reason.getClass().getSimpleName(), message), failure);
        };
    }
}
