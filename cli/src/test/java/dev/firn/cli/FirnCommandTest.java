package dev.firn.cli;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import dev.firn.cli.command.CommandContext;
import dev.firn.cli.command.ExitCode;
import dev.firn.cli.render.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class FirnCommandTest {
    private final CommandRun run = new CommandRun();

    @Test
    void listsCommandsAndExitCodes() {
        assertThat(run.execute("--help")).isZero();
        assertThat(run.out()).contains("completion", "Exit codes:", "no answer within --timeout");
    }

    /// Describing the others would take longer than many commands run.
    @Test
    void describesOnlyTheCommandThatIsNamed() {
        CommandContext context = CommandRun.context(Map.of());
        Map<String, CommandLine> all = FirnCommand.commandLine(context).getSubcommands();
        assertThat(all).hasSizeGreaterThan(10);
        all.forEach((name, described) -> {
            CommandLine line = FirnCommand.commandLine(context, name);
            if (name.equals("help") || name.equals("completion")) {
                assertThat(line.getSubcommands()).containsOnlyKeys(all.keySet());
            } else {
                assertThat(line.getSubcommands()).containsOnlyKeys(name);
                assertThat(requireNonNull(line.getSubcommands().get(name)).getUsageMessage())
                        .isEqualTo(described.getUsageMessage());
            }
        });
    }

    @Test
    void suggestsACommandForAnUnknownOne() {
        assertThat(run.execute("regster")).isEqualTo(ExitCode.USAGE.number());
        assertThat(run.err()).contains("register");
    }

    @Test
    void exitsWithUsageOnAnUnknownCommand() {
        assertThat(run.execute("retreive")).isEqualTo(ExitCode.USAGE.number());
        assertThat(run.err()).contains("retreive");
    }

    @Test
    void explainsAWrongCommandLineInOneSentence() {
        assertThat(run.execute("results", "--limit", "x")).isEqualTo(ExitCode.USAGE.number());
        assertThat(run.err())
                .contains("'x' is not an int", "Try: firn results --help")
                .doesNotContain("Usage:");
        assertThat(run.execute("retrieve", "--feature", "a:b")).isEqualTo(ExitCode.USAGE.number());
        assertThat(run.err()).contains("--features");
    }

    @Test
    void refusesADeadlineThatMakesNoSense() {
        assertThat(run.execute("retrieve", "--all", "-f", "a:b", "--deadline", "soon"))
                .isEqualTo(ExitCode.USAGE.number());
        assertThat(run.err()).contains("--deadline: 'soon' must be a time");
        assertThat(run.execute("retrieve", "--all", "-f", "a:b", "--deadline", "30m", "--standing", "daily"))
                .isEqualTo(ExitCode.USAGE.number());
        assertThat(run.err()).contains("--deadline cannot be used with --standing");
    }

    @Test
    void cancelNeedsTheIdOfARequest() {
        assertThat(run.execute("cancel", "../up")).isEqualTo(ExitCode.USAGE.number());
        assertThat(run.err()).contains("'../up' is not the id of a request");
    }

    /// A script that asked for JSON gets JSON, whatever is wrong.
    @Test
    void everyFailureIsAnsweredInJsonIfAskedFor() {
        assertThat(run.execute("views", "--json", "--nonsense")).isEqualTo(ExitCode.USAGE.number());
        assertThat(Json.parse(run.out()).path("error").path("code").asText()).isEqualTo("USAGE");
        assertThat(run.execute("retrieve", "--json", "-f", "a:b")).isEqualTo(ExitCode.USAGE.number());
        assertThat(Json.parse(run.out()).path("error").path("message").asText()).contains("Name the rows");
    }

    @Test
    void suggestsTheNearestCommandAndOption() {
        assertThat(run.execute("regster", "view.json")).isEqualTo(ExitCode.USAGE.number());
        assertThat(run.err()).contains("Did you mean register?");
        assertThat(run.execute("retrieve", "--spine-tabel=a.b.c")).isEqualTo(ExitCode.USAGE.number());
        assertThat(run.err()).contains("Did you mean --spine-table?");
        assertThat(run.execute("standing", "cancle", "daily")).isEqualTo(ExitCode.USAGE.number());
        assertThat(run.err()).contains("Did you mean cancel?");
        assertThat(run.execute("qqqqqqqqq")).isEqualTo(ExitCode.USAGE.number());
        assertThat(run.err()).doesNotContain("Did you mean");
    }

    /// Kafka's clients would try for a minute, and not say where.
    @Test
    void namesTheBrokersThatCannotBeReachedWithinSeconds() throws IOException {
        String closed = closedAddress();
        String[] cluster = {
            "--bootstrap-servers", closed + ",firn.invalid:9092", "--schema-registry", "http://127.0.0.1:1"
        };
        for (String command : new String[] {"views", "standing", "results", "dead-letters", "topics create"}) {
            assertTimeout(
                    Duration.ofSeconds(5),
                    () -> assertThat(run.execute(arguments(command.split(" "), cluster)))
                            .isEqualTo(ExitCode.NOT_REACHABLE.number()));
            assertThat(run.err())
                    .contains(
                            closed + " (Connection refused)",
                            "firn.invalid:9092 (this machine cannot resolve the host)");
        }
    }

    /// A TLS port, or a web server. The client would run out of memory, because it takes any bytes for a size.
    @Test
    void saysThatWhatAnswersIsNoBroker() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            Thread.startVirtualThread(() -> answerAll(server));
            String address = "127.0.0.1:" + server.getLocalPort();

            assertThat(run.execute("views", "--bootstrap-servers", address, "--schema-registry", "http://127.0.0.1:1"))
                    .isEqualTo(ExitCode.NOT_REACHABLE.number());
            assertThat(run.err())
                    .contains("What answers at " + address + " does not speak Kafka's PLAINTEXT protocol")
                    .doesNotContain("OutOfMemory");
        }
    }

    private static void answerAll(ServerSocket server) {
        while (true) {
            try {
                OutputStream client = server.accept().getOutputStream();
                client.write(new byte[] {0x7f, (byte) 0xff, (byte) 0xff, (byte) 0xff});
                client.flush();
            } catch (IOException e) {
                return; // the test is over
            }
        }
    }

    private static String[] arguments(String[] command, String... more) {
        return Stream.of(command, more).flatMap(Arrays::stream).toArray(String[]::new);
    }

    private static String closedAddress() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return "127.0.0.1:" + free.getLocalPort();
        }
    }

    /// Addresses and secrets of a stack that is stopped would lead nowhere.
    @Test
    void statusOfAStackThatIsStoppedSaysOnlyThat(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("stack.json"), STOPPED_STACK);
        for (String form : new String[] {"--json", "--env", "--namespace=firn"}) {
            assertThat(run.execute("status", "--stack", folder.toString(), form))
                    .isEqualTo(ExitCode.NOT_REACHABLE.number());
            assertThat(run.err()).contains("is stopped. Start it with ./firn up");
            assertThat(run.out()).doesNotContain("a-secret", "127.0.0.1");
        }
        assertThat(run.execute("views", "--stack", folder.toString())).isEqualTo(ExitCode.NOT_REACHABLE.number());
    }

    /// No process has this id and this start.
    private static final String STOPPED_STACK = """
            {"pid": 1, "start": 0,
             "addresses": {
               "bootstrapServers": "127.0.0.1:1", "schemaRegistryUrl": "http://127.0.0.1:2",
               "s3Endpoint": "http://127.0.0.1:3", "accessKey": "firn", "secretKey": "a-secret",
               "region": "us-east-1", "trinoHost": "127.0.0.1", "trinoPort": 4, "trinoUser": "firn",
               "catalogUri": "jdbc:sqlite:/lake/catalog.db", "warehouse": "s3://lake/iceberg"},
             "parts": [{
               "name": "broker", "address": "127.0.0.1:1", "pid": 1, "start": 0, "log": "broker.log",
               "folder": "broker", "probe": {"address": "http://127.0.0.1:1/", "expects": ""}, "credentials": {}}]}
            """;

    @Test
    void exitsWithInternalOnAJvmError() {
        CommandContext context = CommandRun.context(Map.of());
        StringWriter err = new StringWriter();
        CommandLine line =
                FirnCommand.commandLine(context).setErr(new PrintWriter(err)).addSubcommand(new Overflow());
        assertThat(line.execute("overflow")).isEqualTo(ExitCode.INTERNAL.number());
        assertThat(err.toString()).contains("StackOverflowError");
    }

    @Test
    void exitsWithUsageIfAFileIsAFolder(@TempDir Path folder) {
        assertThat(run.execute("register", folder.toString())).isEqualTo(ExitCode.USAGE.number());
        assertThat(run.err()).contains("Cannot read " + folder).doesNotContain("Exception");
    }

    @Test
    void rejectsOptionsBesideAWholeRequest() {
        for (String option : new String[] {"--retain", "--pins=run-1", "--as-of=2024-01-01", "-fa:b", "--columns=a"}) {
            assertThat(run.execute("retrieve", "--request", "r.json", option)).isEqualTo(ExitCode.USAGE.number());
            assertThat(run.err()).contains("--request has the whole request");
        }
    }

    @Test
    void pinsAloneRepeatAWholeRetrieval() {
        assertThat(run.execute("retrieve", "-f", "a:b")).isEqualTo(ExitCode.USAGE.number());
        assertThat(run.err()).contains("Name the rows", "--pins ID");
        for (String option : new String[] {"-fa:b", "--columns=a", "--retain"}) {
            assertThat(run.execute("retrieve", "--pins", "run-1", option)).isEqualTo(ExitCode.USAGE.number());
            assertThat(run.err()).contains("--pins alone repeats a retrieval whole");
        }
    }

    /// Files of two results in one folder would be read as one result.
    @Test
    void rejectsAFolderThatAlreadyHasAResult(@TempDir Path folder) throws IOException {
        Files.createFile(folder.resolve("part-00000002.parquet"));
        assertThat(run.execute("retrieve", "--all", "-f", "a:b", "--out", folder.toString()))
                .isEqualTo(ExitCode.USAGE.number());
        assertThat(run.err()).contains("part-00000002.parquet");
    }

    /// The demo creates and drops tables and views.
    @Test
    void theDemoRejectsAClustersAddresses() {
        for (String command : new String[] {"demo", "sample"}) {
            assertThat(run.execute(command, "--bootstrap-servers", "kafka:9092"))
                    .isEqualTo(ExitCode.USAGE.number());
            assertThat(run.err()).contains("embedded stack");
        }
    }

    @Test
    void rejectsALimitBelowOne() {
        assertThat(run.execute("results", "--limit", "-1")).isEqualTo(ExitCode.USAGE.number());
    }

    @Test
    void explainsAnInvalidBrokerAddressInOneSentence() {
        assertThat(run.execute("views", "--bootstrap-servers", "foo", "--schema-registry", "http://127.0.0.1:1"))
                .isEqualTo(ExitCode.USAGE.number());
        assertThat(run.err()).contains("foo").doesNotContain("\tat ");
    }

    @CommandLine.Command(name = "overflow")
    private static final class Overflow implements Runnable {
        @Override
        public void run() {
            throw new StackOverflowError();
        }
    }

    @Test
    void printsCompletionThatNamesEveryCommand() {
        assertThat(run.execute("completion")).isZero();
        assertThat(run.out()).contains("complete -F", "completion", "test");
    }
}
