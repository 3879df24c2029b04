package dev.firn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;

/// The counterpart of LogLinesTest, which reads the configurations of the services.
final class CommandLoggingTest {
    private static final String FORGED = "r1\n2026-03-01T00:00:00.000Z INFO forged\r\u2028\u001b[31m\u0085x";

    private final CommandLogging logging = new CommandLogging();

    @BeforeEach
    void start() {
        logging.initialize();
    }

    @AfterEach
    void stop() {
        logging.context().stop();
    }

    @Test
    void holdsNoControlCharactersOfNamesAndMessages() {
        List<String> lines = written("answered " + FORGED, null);

        assertThat(lines).hasSize(1);
        assertThat(lines.getFirst())
                .contains("answered r1?2026-03-01", "requestId=\"r1?")
                .matches("[^\\p{Cntrl}\\x{2028}\\x{85}]*");
    }

    @Test
    void marksTheFurtherLinesOfAnException() {
        Exception cause = new IllegalArgumentException("a name: " + FORGED);
        List<String> lines = written("failed", new IllegalStateException("cannot read", cause));

        assertThat(lines.get(1)).isEqualTo("java.lang.IllegalStateException: cannot read");
        assertThat(lines.stream().skip(2)).isNotEmpty().allMatch(line -> line.startsWith("  | "));
        assertThat(lines.stream().filter(line -> line.contains("cannot read"))).hasSize(1); // the trace comes once
        assertThat(String.join("", lines)).doesNotContain("\u001b", "\r");
    }

    @Test
    void isQuietUnlessSomethingIsWrong() {
        assertThat(logging.context().getLogger("dev.firn.Some").isInfoEnabled()).isFalse();
        assertThat(logging.context().getLogger("dev.firn.Some").isWarnEnabled()).isTrue();
        assertThat(logging.context().getLogger("org.apache.kafka.Some").isWarnEnabled())
                .isFalse();
    }

    private List<String> written(String message, @Nullable Throwable thrown) {
        Logger logger = logging.context().getLogger("dev.firn.Some");
        LoggingEvent event = new LoggingEvent("", logger, Level.WARN, message, thrown, null);
        event.addKeyValuePair(new KeyValuePair("requestId", FORGED));
        StringBuilder text = new StringBuilder();
        logging.context()
                .getLogger(Logger.ROOT_LOGGER_NAME)
                .iteratorForAppenders()
                .forEachRemaining(appender -> {
                    ConsoleAppender<ILoggingEvent> console = (ConsoleAppender<ILoggingEvent>) appender;
                    assertThat(console.getTarget()).isEqualTo("System.err");
                    text.append(new String(console.getEncoder().encode(event), StandardCharsets.UTF_8));
                });
        assertThat(text).endsWith("\n");
        return List.of(text.toString().split("\n"));
    }
}
