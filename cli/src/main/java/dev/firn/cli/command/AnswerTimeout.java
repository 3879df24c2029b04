package dev.firn.cli.command;

import java.time.Duration;
import picocli.CommandLine.Option;

/// The option of commands that ask for something and wait for its answer.
public final class AnswerTimeout {
    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            converter = Times.DurationConverter.class,
            description = "How long to wait for the answer (default: ${DEFAULT-VALUE}).",
            defaultValue = "60s")
    public Duration timeout = Duration.ofSeconds(60);
}
