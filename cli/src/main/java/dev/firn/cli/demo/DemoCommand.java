package dev.firn.cli.demo;

import dev.firn.cli.command.CommandContext;
import dev.firn.cli.command.CommandFailure;
import dev.firn.cli.command.ConnectedCommand;
import dev.firn.cli.command.ConnectionOptions;
import dev.firn.cli.command.ExitCode;
import dev.firn.cli.command.Times;
import dev.firn.cli.stack.DetachedUp;
import dev.firn.cli.stack.Supervisor;
import dev.firn.embedded.AttachedStack;
import dev.firn.embedded.EmbeddedStack;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "demo",
        description =
                "Shows Firn at work, step by step, and checks each step. Uses the running embedded stack, or starts one"
                        + " and stops it at the end.",
        footer = {"  firn demo", "  firn demo --keep"})
public final class DemoCommand extends ConnectedCommand {
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(60);

    @Option(names = "--keep", description = "Keeps the stack running, with everything the demo created.")
    boolean keep;

    @Mixin
    SampleSize size = new SampleSize();

    DemoCommand(CommandContext context) {
        super(context);
    }

    @Override
    protected ExitCode run() {
        refuseClusters();
        Path folder = connection.stackFolder(context());
        // The demo creates and drops tables, so it ignores a cluster that the environment names.
        connection.useStack(folder);
        Story story = new Story(console());
        console().answer("Firn: from Iceberg tables to point-in-time-correct features, by events.");
        Optional<AttachedStack> running = ConnectionOptions.running(folder);
        Thread stopper = new Thread(() -> stop(folder), "demo-stop");
        if (running.isEmpty() && !keep) {
            Runtime.getRuntime().addShutdownHook(stopper);
        }
        AttachedStack stack = running.isPresent() ? use(story, running.get()) : start(story, folder);
        try (Demo demo = new Demo(connection.connect(context(), user()), context(), story, size.scale, size.rows)) {
            demo.run();
            if (!keep) {
                demo.cleanUp();
            }
        }
        if (running.isEmpty() && !keep) {
            Runtime.getRuntime().removeShutdownHook(stopper);
            story.step("Stop the stack; data and results stay in " + stack.folder(), () -> stop(folder));
        }
        return end(story, running.isPresent() || keep);
    }

    private void refuseClusters() {
        if (connection.hasClusterFlags()) {
            throw CommandFailure.usage("The demo runs on the embedded stack only; leave out the cluster's addresses");
        }
    }

    private AttachedStack use(Story story, AttachedStack running) {
        return story.step("Use the running stack in " + running.folder(), () -> {
            addresses(story, running);
            return running;
        });
    }

    private AttachedStack start(Story story, Path folder) {
        return story.step(
                "Start Kafka, the schema registry, S3, the Iceberg catalog, Trino, and Firn's services", () -> {
                    new DetachedUp(context(), folder).start(connection.upArguments(folder));
                    AttachedStack stack = EmbeddedStack.attach(folder);
                    addresses(story, stack);
                    return stack;
                });
    }

    private static void addresses(Story story, AttachedStack stack) {
        stack.status()
                .forEach(status -> story.say("%-22s %-52s pid %d"
                        .formatted(
                                status.part().name(),
                                status.part().address(),
                                status.part().pid())));
    }

    private ExitCode end(Story story, boolean keepsRunning) {
        console().answer("");
        if (!story.failedChecks().isEmpty()) {
            console().answer("These checks failed:");
            story.failedChecks().forEach(failed -> console().answer("  ✗ " + failed));
            return ExitCode.REFUSED;
        }
        console().answer("All checks passed in %s.".formatted(Times.format(story.elapsed())));
        console()
                .answer(
                        keepsRunning
                                ? "Next: ./firn views, ./firn results, ./firn retrieve --help. Stop with ./firn down."
                                : "Next: ./firn up, then ./firn views, ./firn results, ./firn retrieve --help.");
        return ExitCode.OK;
    }

    private static void stop(Path folder) {
        Supervisor.running(folder).ifPresent(supervisor -> {
            if (!supervisor.stop(STOP_TIMEOUT)) {
                throw new CommandFailure(
                        ExitCode.TIMED_OUT,
                        "Process %d did not stop within %s".formatted(supervisor.pid(), Times.format(STOP_TIMEOUT)));
            }
        });
    }
}
