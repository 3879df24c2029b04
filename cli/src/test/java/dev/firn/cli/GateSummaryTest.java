package dev.firn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The summary of the gate, by the gate's own script with steps that do nothing.
@Timeout(60)
final class GateSummaryTest {
    private static final Path SCRIPT =
            Path.of(System.getProperty("firn.home", "..")).resolve("scripts/gate.sh");
    private static final String STEPS =
            "gate_browser() { :; }; gate_integration() { :; }; gate_readme() { :; }; gate_client() { :; }; gate_stack=none; gate_long=false; FIRN_SKIPS=$(mktemp);";

    @Test
    void keepsTheLinesOfStepsThatCouldNotRun() throws Exception {
        assertThat(summary("firn() { return 3; };"))
                .containsPattern("demo +\\d+ s +FAILED \\(exit code 3\\)")
                .containsPattern("README's commands +- +not run: the demo failed")
                .containsPattern("Python client +- +not run: the demo failed")
                .containsPattern("JavaScript client +- +not run: the demo failed")
                .containsPattern("all +\\d+ s +FAILED");
    }

    @Test
    void saysThatAllPassed() throws Exception {
        assertThat(summary("firn() { :; };"))
                .containsPattern("README's commands +\\d+ s +passed")
                .containsPattern("JavaScript client +\\d+ s +passed")
                .containsPattern("all +\\d+ s +passed")
                .doesNotContain("not run");
    }

    private static String summary(String firn) throws IOException, InterruptedException {
        Process bash = new ProcessBuilder(
                        "bash",
                        "-euo",
                        "pipefail",
                        "-c",
                        "source \"$0\"; " + STEPS + firn
                                + "gate_on_the_stack; gate_print_summary; rm -f \"$FIRN_SKIPS\"",
                        SCRIPT.toString())
                .redirectErrorStream(true)
                .start();
        bash.getOutputStream().close();
        String output = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(bash.waitFor()).as(output).isZero();
        return output;
    }
}
