package dev.firn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What `./firn` shows while it builds itself, by its own script.
@Timeout(60)
final class BuildProgressTest {
    private static final Path SCRIPT =
            Path.of(System.getProperty("firn.home", "..")).resolve("scripts/build-progress");
    private static final String MAVEN = """
            [INFO] Scanning for projects...
            [INFO] Building Firn 0.1.0-SNAPSHOT                                      [1/21]
            [INFO] Building Firn :: embedded :: trino-server 0.1.0-SNAPSHOT          [5/21]
            Downloading from central: https://repo/a.jar
            Downloaded from central: https://repo/a.jar (1 kB at 2 kB/s)
            Downloaded from central: https://repo/b.jar (1 kB at 2 kB/s)
            [INFO] Building Firn :: cli 0.1.0-SNAPSHOT                               [16/21]
            [INFO] BUILD SUCCESS
            """;

    @TempDir
    private Path folder = Path.of("target");

    @Test
    void namesTheModulesThatTakeTimeAndKeepsTheLog() throws Exception {
        Path log = folder.resolve("build.log");
        assertThat(progress(log))
                .containsPattern("^ +\\[5/21] Firn :: embedded :: trino-server +\\d+ s, 2 files downloaded\\n")
                .doesNotContain("SNAPSHOT", "Scanning");
        assertThat(Files.readString(log)).isEqualTo(MAVEN);
    }

    private static String progress(Path log) throws IOException, InterruptedException {
        Process script = new ProcessBuilder("bash", SCRIPT.toString(), log.toString())
                .redirectErrorStream(true)
                .start();
        try (var in = script.getOutputStream()) {
            in.write(MAVEN.getBytes(StandardCharsets.UTF_8));
        }
        String output = new String(script.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(script.waitFor()).as(output).isZero();
        return output;
    }
}
