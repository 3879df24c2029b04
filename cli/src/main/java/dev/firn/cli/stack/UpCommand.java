package dev.firn.cli.stack;

import dev.firn.cli.command.CommandContext;
import dev.firn.cli.command.CommandFailure;
import dev.firn.cli.command.ConnectedCommand;
import dev.firn.cli.command.ConnectionOptions;
import dev.firn.cli.command.ExitCode;
import dev.firn.cli.command.Times;
import dev.firn.cli.rights.StackRights;
import dev.firn.config.Settings;
import dev.firn.embedded.AttachedStack;
import dev.firn.embedded.Broker;
import dev.firn.embedded.EmbeddedStack;
import dev.firn.embedded.Part;
import dev.firn.embedded.StackException;
import dev.firn.embedded.StackSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "up",
        description = "Starts the embedded stack and Firn's services on this machine, on the loopback interface only,"
                + " and runs them until Ctrl-C.",
        footer = {"  firn up --detach", "  firn up --stack /tmp/firn --namespace team-a", "  firn up --secure --detach"
        })
public final class UpCommand extends ConnectedCommand {
    @Option(names = "--detach", description = "Returns when everything is ready. Stop it with ./firn down")
    boolean detach;

    @Option(names = "--no-services", description = "Starts the stack without Firn's services.")
    boolean withoutServices;

    @Option(
            names = "--secure",
            description =
                    "Runs Kafka with TLS, a user for each role, and an authorizer with exactly the documented ACLs.")
    boolean secure;

    UpCommand(CommandContext context) {
        super(context);
    }

    @Override
    protected ExitCode run() {
        Path folder = connection.stackFolder(context());
        Optional<AttachedStack> running = ConnectionOptions.running(folder);
        if (running.isPresent()) {
            console().note("A stack is already running:");
            show(running.get());
            return ExitCode.OK;
        }
        if (detach) {
            new DetachedUp(context(), folder).start(arguments(folder));
            show(EmbeddedStack.attach(folder));
            return ExitCode.OK;
        }
        return hold(folder);
    }

    private ExitCode hold(Path folder) {
        long started = System.nanoTime();
        console()
                .note("Starting Kafka, the schema registry, S3 and Trino in %s (logs: %s) …"
                        .formatted(folder, folder.resolve("logs")));
        Broker broker = secure ? new Broker.Secured() : new Broker.Embedded();
        try (EmbeddedStack stack =
                EmbeddedStack.start(new StackSettings(folder, context().home(), broker), new StackNotes(console()))) {
            String namespace = withoutServices ? "" : startServices(stack);
            Supervisor.ofThisProcess(namespace).write(folder);
            show(EmbeddedStack.attach(folder));
            console()
                    .note("Ready after %s. Ctrl-C stops it."
                            .formatted(Times.format(Duration.ofNanos(System.nanoTime() - started))));
            Part lost = stack.lost().join();
            console()
                    .note("firn: %s died too often; stopping the others. Its log: %s"
                            .formatted(lost.name(), lost.log()));
            return ExitCode.REFUSED;
        } catch (StackException e) {
            throw CommandFailure.notReachable(String.valueOf(e.getMessage()), e);
        }
    }

    /// @return their namespace
    private String startServices(EmbeddedStack stack) {
        AttachedStack attached = EmbeddedStack.attach(stack.folder());
        String namespace = connection.onStack(context(), attached, user()).namespace();
        Map<String, String> settings = connection.propertiesOnStack(context(), attached, user());
        settings.put("firn.namespace", namespace);
        if (attached.addresses().kafkaAccess().isSecured()) {
            new StackRights(attached.addresses()).prepare(Settings.load(Map.of(), settings));
            settings.put("firn.kafka.create-topics", "false");
        }
        console().note("Starting Firn's services …");
        stack.runAll(Services.processes(context().home(), stack.folder(), namespace, settings));
        return namespace;
    }

    private void show(AttachedStack stack) {
        String namespace = Supervisor.namespaceOf(
                stack.folder(), connection.onStack(context(), stack, user()).namespace());
        StackStatus status = new StackStatus(stack.folder(), stack.addresses(), stack.status(), namespace);
        if (json) {
            console().answer(status.json());
        } else {
            status.show(console());
        }
    }

    private List<String> arguments(Path folder) {
        List<String> arguments = new ArrayList<>(connection.upArguments(folder));
        if (withoutServices) {
            arguments.add("--no-services");
        }
        if (secure) {
            arguments.add("--secure");
        }
        return arguments;
    }
}
