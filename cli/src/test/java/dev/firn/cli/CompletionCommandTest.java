package dev.firn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The script in bash, with a command that says what it was asked.
@Timeout(60)
final class CompletionCommandTest {
    @TempDir
    private Path folder = Path.of("target");

    @BeforeEach
    void writeTheScript() throws IOException {
        CommandRun run = new CommandRun();
        assertThat(run.execute("completion")).isZero();
        Files.writeString(folder.resolve("completion"), run.out());
        Path firn = Files.writeString(folder.resolve("firn"), """
                #!/usr/bin/env bash
                [ "$1" = names ] || exit 1
                printf '%s\\n' "$2-one" "$2-two"
                echo "$*" >> asked
                """);
        assertThat(firn.toFile().setExecutable(true)).isTrue();
    }

    @Test
    void offersTheNamesOfWhatExists() throws Exception {
        assertThat(completed("drop", "")).contains("views-one", "views-two");
        assertThat(completed("views", "views-t")).containsExactly("views-two");
        assertThat(completed("results", "req")).containsExactly("requests-one", "requests-two");
        assertThat(completed("trace", "req")).containsExactly("requests-one", "requests-two");
        assertThat(completed("standing", "cancel", "")).containsExactly("standing-one", "standing-two");
        assertThat(completed("retrieve", "--pins", "")).containsExactly("requests-one", "requests-two");
    }

    @Test
    void asksTheFirnThatTheLineNames() throws Exception {
        completed("drop", "--stack", "/tmp/other", "");
        assertThat(folder.resolve("asked")).content().isEqualTo("names views --stack /tmp/other\n");
    }

    /// Each question starts a JVM.
    @Test
    void asksNothingForCommandsAndOptions() throws Exception {
        assertThat(completed("dr")).contains("drop");
        assertThat(completed("drop", "--dry")).containsExactly("--dry-run");
        assertThat(completed("retrieve", "--pi")).containsExactly("--pins");
        assertThat(completed("retrieve", "--spine-kind", "")).isEmpty();
        assertThat(folder.resolve("asked")).doesNotExist();
    }

    private List<String> completed(String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                "bash",
                "-c",
                "compopt() { :; }; source completion; COMP_WORDS=(./firn \"$@\"); COMP_CWORD=$#; _complete_firn;"
                        + " printf '%s\\n' \"${COMPREPLY[@]}\"",
                "bash"));
        command.addAll(Arrays.asList(words));
        Process bash = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        bash.getOutputStream().close();
        String output = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(bash.waitFor()).as(output).isZero();
        return output.lines().filter(line -> !line.isEmpty()).toList();
    }
}
