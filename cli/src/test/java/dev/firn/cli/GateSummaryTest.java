package dev.firn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The summary of the gate, by the gate's own script with steps that do nothing.
@Timeout(60)
final class GateSummaryTest {
    private static final Path SCRIPT =
            Path.of(System.getProperty("firn.home", "..")).resolve("scripts/gate.sh");
    private static final String STEPS =
            "for step in browser integration readme client; do eval \"gate_$step() { :; }\"; done; gate_stack=none; gate_long=false; FIRN_SKIPS=$(mktemp); home=$(mktemp -d);";

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

    @Test
    void takesOverTheResultsOfStepsThatRunBeside() throws Exception {
        String client =
                "gate_client() { echo said-by-$1; case $1 in python) gate_details+=('what was wrong'); return 3 ;; *) echo 'no node' >>\"$FIRN_SKIPS\"; return 77 ;; esac; };";
        assertThat(summary("firn() { :; };" + client))
                .contains("said-by-python", "said-by-javascript")
                .containsPattern("integration tests +\\d+ s +passed")
                .containsPattern("README's commands +\\d+ s +passed")
                .containsPattern("JavaScript client +\\d+ s +skipped: no node")
                .containsPattern("Python client +\\d+ s +FAILED \\(exit code 3\\)")
                .contains("  skipped: no node", "  what was wrong")
                .containsPattern("all +\\d+ s +FAILED, 1 skipped");
    }

    @Test
    void makesTheListOfLibrariesBesideTheStack(@TempDir Path folder) throws Exception {
        Files.createDirectories(folder.resolve("target"));
        Files.writeString(folder.resolve("target/bom.json"), "{}");
        assertThat(run("home='%s'; maven() { :; }; gate_beside libraries gate_libraries; gate_join; gate_print_summary"
                        .formatted(folder)))
                .containsPattern("SBOM\\) +\\d+ s +passed")
                .containsPattern("all +\\d+ s +passed");
    }

    @Test
    void failsIfStepsThatRunBesideBreakOff() throws Exception {
        assertThat(summary("firn() { :; }; gate_readme() { kill -KILL $BASHPID; };"))
                .containsPattern("broke off: see .*/gate-clients.log")
                .containsPattern("all +\\d+ s +FAILED");
    }

    @Test
    void listsEachErrorOfMavenOnceWithoutItsAdvice(@TempDir Path folder) throws Exception {
        Path log = Files.writeString(folder.resolve("maven.log"), """
                [INFO] Firn :: lake ....... FAILURE [  0.128 s]
                [ERROR] Tests run: 6, Failures: 1, Errors: 0, Skipped: 0 <<< FAILURE! -- in dev.firn.ReadIT
                [ERROR] dev.firn.ReadIT.reads -- Time elapsed: 0.1 s <<< FAILURE!
                [ERROR] Failures:\s
                [ERROR]   ReadIT.reads:12 expected 1 but was 2
                [ERROR]   WriteIT » Timeout beforeAll timed out
                [ERROR] Surefire is going to kill self fork JVM.
                [ERROR] Surefire is going to kill self fork JVM.
                [ERROR]\s
                [ERROR] -> [Help 1]
                """);
        assertThat(run("gate_errors '" + log + "'").lines())
                .containsExactly(
                        "[INFO] Firn :: lake ....... FAILURE [  0.128 s]",
                        "[ERROR]   ReadIT.reads:12 expected 1 but was 2",
                        "[ERROR]   WriteIT » Timeout beforeAll timed out",
                        "[ERROR] Surefire is going to kill self fork JVM.");
    }

    @Test
    void listsWhatMavenCalledAnErrorIfThereIsNoReason(@TempDir Path folder) throws Exception {
        Path log = Files.writeString(folder.resolve("maven.log"), """
                [ERROR] Tests run: 6, Failures: 1, Errors: 0, Skipped: 0 <<< FAILURE! -- in dev.firn.ReadIT
                [INFO] BUILD SUCCESS
                """);
        assertThat(run("gate_errors '" + log + "'").strip()).startsWith("[ERROR] Tests run: 6, Failures: 1");
    }

    @Test
    void usesMinioInTheFirstPartOfTheFaultSuite(@TempDir Path folder) throws Exception {
        assertThat(faultSuite(folder, "exit 0", "1/3")).contains("-Dit.test=ChaosIT,MinioIT ");
        assertThat(faultSuite(folder, "exit 0", "2/3")).contains("-Dit.test=ChaosIT ");
        assertThat(faultSuite(folder, "echo 'scripts/minio needs Go'; exit 3", "1/3"))
                .contains("-Dit.test=ChaosIT ")
                .contains("  not run: MinioIT; MinIO was not built: scripts/minio needs Go");
    }

    private static String faultSuite(Path folder, String minio, String part) throws Exception {
        Path script = Files.createDirectories(folder.resolve("scripts")).resolve("minio");
        Files.writeString(script, "#!/bin/sh\n" + minio + "\n");
        assertThat(script.toFile().setExecutable(true)).isTrue();
        Files.createDirectories(folder.resolve("module/target"));
        Files.createDirectories(folder.resolve("embedded/parts/part/target"));
        return run(
                ("home='%s'; gate_part=%s; gate_seed=; gate_long=false; FIRN_SKIPS=$(mktemp); maven() { echo \"$*\"; };"
                                + "gate_chaos 0.1; gate_print_summary; rm -f \"$FIRN_SKIPS\"")
                        .formatted(folder, part));
    }

    @Test
    void doesNotCountTheFailuresOfAnEarlierStepAgain(@TempDir Path folder) throws Exception {
        Path earlier = folder.resolve("module/target/failsafe-reports/failsafe-summary.xml");
        Files.createDirectories(earlier.getParent());
        Files.createDirectories(folder.resolve("embedded/parts/part/target"));
        Files.writeString(earlier, "<failsafe-summary result=\"255\"/>");
        run("home='%s'; FIRN_SKIPS=$(mktemp); maven() { :; }; gate_maven maven.log verify".formatted(folder));
        assertThat(earlier).doesNotExist();
    }

    private static String summary(String firn) throws IOException, InterruptedException {
        return run(STEPS + firn + "gate_on_the_stack; gate_print_summary; rm -rf \"$FIRN_SKIPS\" \"$home\"");
    }

    private static String run(String commands) throws IOException, InterruptedException {
        ProcessBuilder bash = new ProcessBuilder(
                        "bash", "-euo", "pipefail", "-c", "source \"$0\"; " + commands, SCRIPT.toString())
                .redirectErrorStream(true);
        bash.environment().remove("CI"); // with it, a skip is a failure
        return output(bash.start());
    }

    private static String output(Process bash) throws IOException, InterruptedException {
        bash.getOutputStream().close();
        String output = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(bash.waitFor()).as(output).isZero();
        return output;
    }
}
