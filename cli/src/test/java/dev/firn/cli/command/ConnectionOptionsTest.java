package dev.firn.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.firn.cli.render.Console;
import dev.firn.embedded.StackUser;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

final class ConnectionOptionsTest {
    private final Path home;

    ConnectionOptionsTest(@TempDir Path home) {
        this.home = home;
    }

    @Test
    void takesAClusterFromFlags() {
        Connection connection = connect(
                Map.of(),
                "--bootstrap-servers",
                "kafka:9092",
                "--schema-registry",
                "http://r:8081",
                "--namespace",
                "ml");
        assertThat(connection.config().kafka().bootstrapServers()).isEqualTo("kafka:9092");
        assertThat(connection.config().schemaRegistry().url()).isEqualTo("http://r:8081");
        assertThat(connection.namespace().name()).isEqualTo("ml");
        assertThat(connection.where()).contains("kafka:9092");
    }

    @Test
    void takesAClusterFromTheEnvironment() {
        Connection connection = connect(Map.of("KAFKA_BOOTSTRAP_SERVERS", "kafka:9092", "TRINO_HOST", "trino"));
        assertThat(connection.config().kafka().bootstrapServers()).isEqualTo("kafka:9092");
        assertThat(connection.config().trino().host()).isEqualTo("trino");
    }

    @Test
    void prefersAFlagToTheEnvironment() {
        Connection connection = connect(
                Map.of("FIRN_KAFKA_BOOTSTRAP_SERVERS", "environment:9092", "FIRN_NAMESPACE", "one"),
                "--bootstrap-servers",
                "flag:9092",
                "-Dfirn.namespace=two");
        assertThat(connection.config().kafka().bootstrapServers()).isEqualTo("flag:9092");
        assertThat(connection.namespace().name()).isEqualTo("two");
    }

    @Test
    void passesKafkaPropertiesThrough() {
        Connection connection = connect(
                Map.of(), "--bootstrap-servers", "k:9092", "-Dfirn.kafka.properties.security.protocol=SASL_SSL");
        assertThat(connection.kafka()).containsEntry("security.protocol", "SASL_SSL");
    }

    @Test
    void saysHowToStartAStackIfNoneIsRunning() {
        assertThatExceptionOfType(CommandFailure.class)
                .isThrownBy(() -> connect(Map.of()))
                .withMessageContaining(home.resolve(".firn").toString())
                .withMessageContaining("./firn up")
                .satisfies(failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.NOT_REACHABLE));
    }

    @Test
    void usesTheStackFolderOfTheEnvironment() {
        assertThatExceptionOfType(CommandFailure.class)
                .isThrownBy(() -> connect(Map.of("FIRN_STACK", "/nowhere/else")))
                .withMessageContaining("/nowhere/else");
    }

    private Connection connect(Map<String, String> environment, String... arguments) {
        Holder holder = new Holder();
        new CommandLine(holder).parseArgs(arguments);
        PrintWriter nowhere = new PrintWriter(java.io.Writer.nullWriter());
        CommandContext context = new CommandContext(
                new Console(nowhere, nowhere, false),
                InputStream.nullInputStream(),
                environment,
                Map.of("firn.home", home.toString()),
                Clock.systemUTC());
        return holder.options.connect(context, StackUser.CLIENT);
    }

    @Command(name = "holder")
    static final class Holder {
        @Mixin
        ConnectionOptions options = new ConnectionOptions();
    }
}
