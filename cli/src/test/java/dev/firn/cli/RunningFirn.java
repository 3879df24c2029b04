package dev.firn.cli;

import dev.firn.cli.command.Connection;
import dev.firn.cli.command.ConnectionOptions;
import dev.firn.cli.command.StackProperties;
import dev.firn.cli.rights.StackRights;
import dev.firn.cli.stack.FirnService;
import dev.firn.cli.stack.Services;
import dev.firn.config.Settings;
import dev.firn.embedded.AttachedStack;
import dev.firn.embedded.EmbeddedStack;
import dev.firn.embedded.HealthProbe;
import dev.firn.embedded.ProcessSpec;
import dev.firn.embedded.StackUser;
import dev.firn.testkit.TestStack;
import dev.firn.testkit.Waiting;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// Firn for tests of commands: the services that run on the test stack, or services of its own in a new namespace.
final class RunningFirn implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofMinutes(2);
    private static final long STOP_SECONDS = 20;

    private final Path folder;
    private final String namespace;
    private final List<Process> services = new ArrayList<>();

    private RunningFirn(Path folder, String namespace) {
        this.folder = folder;
        this.namespace = namespace;
    }

    static RunningFirn find() {
        Path folder = TestStack.shared().folder();
        AttachedStack stack = EmbeddedStack.attach(folder);
        boolean served = stack.parts().stream().anyMatch(part -> part.name().equals(FirnService.REGISTRATION.module()));
        RunningFirn firn = new RunningFirn(folder, served ? "firn" : TestStack.namespace());
        if (!served) {
            firn.startServices(stack);
        }
        return firn;
    }

    /// Runs commands on it.
    CommandRun commands() {
        return new CommandRun(Map.of("FIRN_NAMESPACE", namespace), properties());
    }

    Connection connection() {
        return connectionTo(namespace);
    }

    /// Where no services run, unless it is the same namespace.
    Connection connectionTo(String other) {
        Map<String, String> environment = Map.of("FIRN_STACK", folder.toString(), "FIRN_NAMESPACE", other);
        return new ConnectionOptions().connect(CommandRun.context(environment), StackUser.CLIENT);
    }

    private Map<String, String> properties() {
        return Map.of("firn.home", System.getProperty("firn.home"), "firn.stack", folder.toString());
    }

    private void startServices(AttachedStack stack) {
        Map<String, String> settings = StackProperties.of(stack.addresses(), folder, StackUser.CLIENT);
        settings.put("firn.namespace", namespace);
        settings.put("firn.kafka.partitions", "2");
        settings.put("firn.kafka.retrieval-partitions", "4");
        settings.put("firn.state.folder", folder.resolve("state-" + namespace).toString());
        if (stack.addresses().kafkaAccess().isSecured()) {
            new StackRights(stack.addresses()).prepare(Settings.load(Map.of(), settings));
            settings.put("firn.kafka.create-topics", "false");
        }
        try {
            List<ProcessSpec> processes =
                    Services.processes(Path.of(System.getProperty("firn.home")), folder, namespace, settings);
            for (ProcessSpec service : processes) {
                services.add(start(service));
            }
            try (HttpClient client = HttpClient.newHttpClient()) {
                for (ProcessSpec service : processes) {
                    Waiting.until(START_LIMIT, () -> answers(client, service.readiness()), service.name());
                }
            }
        } catch (IOException e) {
            close();
            throw new UncheckedIOException(e);
        } catch (AssertionError e) {
            close();
            throw e;
        }
    }

    /// Starts a process that ends with this JVM.
    private Process start(ProcessSpec service) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(service.jvmArguments());
        command.add("-cp");
        command.add(String.join(File.pathSeparator, service.classPath())
                + File.pathSeparator
                + Path.of(System.getProperty("firn.home"), "embedded", "target", "classes"));
        command.add("dev.firn.embedded.child.Supervised");
        command.add(service.mainClass());
        Files.createDirectories(service.workingFolder());
        Path log = folder.resolve("logs").resolve("%s-%s.log".formatted(service.name(), namespace));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(service.workingFolder().toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().putAll(service.environment());
        return builder.start();
    }

    private static boolean answers(HttpClient client, HealthProbe probe) throws IOException, InterruptedException {
        return client.send(
                                HttpRequest.newBuilder(
                                                URI.create(probe.address().toString()))
                                        .build(),
                                ok())
                        .statusCode()
                == 200;
    }

    private static HttpResponse.BodyHandler<Void> ok() {
        return HttpResponse.BodyHandlers.discarding();
    }

    @Override
    public void close() {
        services.forEach(Process::destroy);
        for (Process service : services) {
            try {
                if (!service.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                    service.destroyForcibly();
                }
            } catch (InterruptedException e) {
                service.destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }
    }
}
