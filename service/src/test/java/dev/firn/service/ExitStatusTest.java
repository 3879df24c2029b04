package dev.firn.service;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// How a service ends, in a process of its own.
@Timeout(120)
final class ExitStatusTest {
    private static final Map<String, ServiceProcess.Service> SERVICES = Map.of(
            "runs",
                    (config, lifecycle) -> {
                        lifecycle.opened(() -> System.out.println("closed"));
                        System.out.println("ready");
                        return new CountDownLatch(1);
                    },
            "waits",
                    (config, lifecycle) -> {
                        lifecycle.opened(() -> System.out.println("closed"));
                        System.out.println("ready");
                        lifecycle.pause(Duration.ofMinutes(5));
                        return new CountDownLatch(1);
                    },
            "fails",
                    (config, lifecycle) -> {
                        lifecycle.opened(() -> System.out.println("closed"));
                        return new CountDownLatch(0);
                    },
            "is broken",
                    (config, lifecycle) -> {
                        lifecycle.opened(() -> System.out.println("closed"));
                        throw new NoClassDefFoundError("says the test");
                    });

    /// While it works, and while it waits for a neighbour at its start.
    @ParameterizedTest
    @CsvSource({"runs", "waits"})
    void sigtermStopsItInOrder(String service) throws Exception {
        Process process = start(service);
        try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
            assertThat(output.lines().anyMatch("ready"::equals)).isTrue();

            process.toHandle().destroy(); // unlike Process.destroy, it leaves the output open

            assertThat(output.lines().toList()).contains("closed");
            assertThat(process.waitFor()).isEqualTo(128 + 15);
        } finally {
            process.destroyForcibly();
        }
    }

    /// A service that can no longer work, as after the state ERROR of Kafka Streams, must not stay.
    @ParameterizedTest
    @CsvSource({"fails", "is broken"})
    void aFailureEndsItWithOneAndClosesItsParts(String service) throws Exception {
        Process process = start(service);
        try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
            assertThat(output.lines().toList()).contains("closed");
            assertThat(process.waitFor()).isEqualTo(1);
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void aWrongSettingEndsItWithTwoAndIsNamed() throws Exception {
        Process process = start("runs", "-Dfirn.http.port=70000");
        try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
            assertThat(output.lines().collect(Collectors.joining("\n")))
                    .contains("firn.http.port: must be between 0 and 65535, got 70000")
                    .doesNotContain("ready");
            assertThat(process.waitFor()).isEqualTo(2);
        } finally {
            process.destroyForcibly();
        }
    }

    private static Process start(String service, String... options) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(options));
        command.add("-cp");
        command.add(System.getProperty("surefire.real.class.path", System.getProperty("java.class.path")));
        command.add(Running.class.getName());
        command.add(service);
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    /// The main class of the process.
    public static final class Running {
        private Running() {}

        public static void main(String[] arguments) throws InterruptedException {
            System.exit(ServiceProcess.run("test", requireNonNull(SERVICES.get(arguments[0]))));
        }
    }
}
