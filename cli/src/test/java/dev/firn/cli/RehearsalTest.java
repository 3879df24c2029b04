package dev.firn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.cli.command.ExitCode;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class RehearsalTest {
    /// A command that fails earlier, for example because an option has another name now, would rehearse nothing.
    @Test
    void commandsGetAsFarAsTheyCanWithoutAStack() {
        int notReachable = ExitCode.NOT_REACHABLE.number();
        assertThat(Rehearsal.runNowhere())
                .containsAllEntriesOf(Map.of(
                        "--help", 0,
                        "help retrieve", 0,
                        "rights", 0,
                        "status --stack no-stack", notReachable,
                        "views", notReachable,
                        "topics", 0,
                        "standing", notReachable,
                        "dead-letters", notReachable,
                        "trace request", notReachable))
                .hasSize(10);
    }
}
