package dev.firn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class FirnCommandTest {
    private final CommandRun run = new CommandRun();

    @Test
    void saysItsCommandsAndExitCodes() {
        assertThat(run.execute("--help")).isZero();
        assertThat(run.out()).contains("completion", "Exit codes:", "no answer within --timeout");
    }

    @Test
    void endsWithTheUsageCodeOnAnUnknownCommand() {
        assertThat(run.execute("retreive")).isEqualTo(ExitCode.USAGE.number());
        assertThat(run.err()).contains("retreive");
    }

    @Test
    void printsCompletionThatNamesEveryCommand() {
        assertThat(run.execute("completion")).isZero();
        assertThat(run.out()).contains("complete -F", "completion", "test");
    }
}
