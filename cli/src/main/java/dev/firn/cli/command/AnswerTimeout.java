package dev.firn.cli.command;

import java.time.Duration;
import picocli.CommandLine.Option;

/// `--timeout` of the commands that send a request and wait for its answer.
public final class AnswerTimeout {
    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            converter = Times.DurationConverter.class,
            description = "How long to wait for the answer (default: ${DEFAULT-VALUE}).",
            defaultValue = "60s")
    private Duration timeout = Duration.ofSeconds(60);

    public Duration timeout() {
        return timeout;
    }
}
