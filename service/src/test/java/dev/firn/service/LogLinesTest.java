package dev.firn.service;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.event.KeyValuePair;

/// Every process writes one line per event, whatever names and messages hold: nobody can forge a line of the log.
final class LogLinesTest {
    private static final String FORGED = "r1\n2026-03-01T00:00:00.000Z INFO forged\r\u2028\u001b[31m\u0085x";

    /// The configurations of all processes in the repository.
    static List<Path> configurations() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("..").toRealPath())) {
            return files.filter(file -> file.endsWith("logback.xml"))
                    .filter(file -> file.toString().contains("/src/main/resources/"))
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("configurations")
    void holdNoControlCharactersOfNamesAndMessages(Path configuration) throws Exception {
        List<String> lines = written(configuration, "answered " + FORGED, null);

        assertThat(lines).hasSize(1);
        assertThat(lines.getFirst()).contains("answered r1?2026-03-01").matches("[^\\p{Cntrl}\\x{2028}\\x{85}]*");
    }

    @ParameterizedTest
    @MethodSource("configurations")
    void markTheFurtherLinesOfAnException(Path configuration) throws Exception {
        Exception cause = new IllegalArgumentException("a name: " + FORGED);
        List<String> lines = written(configuration, "failed", new IllegalStateException("cannot read", cause));

        assertThat(lines.get(1)).isEqualTo("java.lang.IllegalStateException: cannot read");
        assertThat(lines.stream().skip(2)).isNotEmpty().allMatch(line -> line.startsWith("  | "));
        assertThat(lines.stream().filter(line -> line.contains("cannot read"))).hasSize(1); // the trace comes once
        assertThat(String.join("", lines))
                .contains("at dev.firn.service.LogLinesTest")
                .doesNotContain("\u001b", "\r");
    }

    private static List<String> written(Path configuration, String message, @Nullable Throwable thrown)
            throws Exception {
        LoggerContext context = new LoggerContext();
        JoranConfigurator configurator = new JoranConfigurator();
        configurator.setContext(context);
        configurator.doConfigure(configuration.toFile());
        Logger logger = context.getLogger("dev.firn.Some");
        LoggingEvent event = new LoggingEvent("", logger, Level.WARN, message, thrown, null);
        event.addKeyValuePair(new KeyValuePair("requestId", FORGED));
        StringBuilder text = new StringBuilder();
        context.getLogger(Logger.ROOT_LOGGER_NAME).iteratorForAppenders().forEachRemaining(appender -> {
            ConsoleAppender<ILoggingEvent> console = (ConsoleAppender<ILoggingEvent>) appender;
            text.append(new String(console.getEncoder().encode(event), StandardCharsets.UTF_8));
        });
        context.stop();
        assertThat(text).endsWith("\n");
        return List.of(text.toString().split("\n"));
    }
}
