package dev.firn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// How the images of `compose/` start a service, with a `java` that only says how it was called.
@Timeout(60)
final class ContainerStartTest {
    private static final Path SCRIPT =
            Path.of(System.getProperty("firn.home", "..")).resolve("compose/start");

    @TempDir
    private Path home = Path.of("target");

    @BeforeEach
    void installs() throws IOException {
        Files.copy(SCRIPT, home.resolve("start"));
        Files.createDirectories(home.resolve("gateway"));
        for (String jar : List.of("b.jar", "a.jar")) {
            Files.createFile(home.resolve("gateway").resolve(jar));
        }
        java("exit 0");
    }

    /// The JVM takes a cache only with the class path that it was made with.
    @Test
    void theClassPathHasTheSameOrderInARehearsalAndInAService() throws Exception {
        String classPath = "-cp %1$s/gateway/a.jar:%1$s/gateway/b.jar".formatted(home.toRealPath());
        assertThat(start("gateway", "dev.firn.gateway.Gateway"))
                .contains(classPath + " dev.firn.gateway.Gateway")
                .doesNotContain("AOT");
        assertThat(start("--rehearse", "gateway", "One", "Other"))
                .contains(classPath)
                .contains("dev.firn.service.ServiceRehearsal One Other")
                .as("a heap of more than 32 GB makes a cache that smaller ones cannot use")
                .containsPattern("MaxRAMPercentage=55 .* -Xmx1g ");
    }

    @Test
    void aServiceStartsFromTheCacheThatARehearsalMade() throws Exception {
        java("for option; do case $option in -XX:AOTCacheOutput=*) echo made > \"${option#*=}\";; esac; done");
        assertThat(start("--rehearse", "gateway", "dev.firn.gateway.Gateway")).contains("made ");
        assertThat(files()).contains("gateway.aot").doesNotContain("gateway.aot.next");
        assertThat(start("gateway", "dev.firn.gateway.Gateway"))
                .contains("-XX:AOTCache=" + home.toRealPath().resolve("gateway.aot"));
    }

    @Test
    void aRehearsalThatFailsLeavesNothingAndSaysSo() throws Exception {
        java("for option; do case $option in -XX:AOTCacheOutput=*) echo half > \"${option#*=}\";; esac; done; exit 1");
        assertThat(start("--rehearse", "gateway", "dev.firn.gateway.Gateway")).contains("gateway has no AOT cache");
        assertThat(files()).noneMatch(name -> name.contains("aot"));
        java("exit 0");
        assertThat(start("gateway", "dev.firn.gateway.Gateway")).doesNotContain("AOT");
    }

    /// Nothing else would say so: a service that was not rehearsed is only slower.
    @Test
    void imagesAndFirnRehearseClassesThatExist() throws Exception {
        Path root = SCRIPT.resolveSibling("..");
        String scripts = Files.readString(root.resolve("firn")) + Files.readString(root.resolve("compose/Dockerfile"));
        List<String> lines = scripts.lines()
                .filter(line -> line.matches(".*(registration-service|retrieval-worker|gateway) dev\\.firn\\..*"))
                .toList();
        assertThat(lines).hasSize(6);
        for (String line : lines) {
            Matcher names =
                    Pattern.compile("(\\S+?)\"?((?: dev\\.firn\\.[\\w.]+)+)").matcher(line);
            assertThat(names.find()).as(line).isTrue();
            String module = names.group(1).replaceFirst(".*\"", "");
            for (String name : names.group(2).strip().split(" ", -1)) {
                assertThat(root.resolve(module).resolve("src/main/java").resolve(name.replace('.', '/') + ".java"))
                        .exists();
            }
        }
    }

    private void java(String then) throws IOException {
        Path bin = Files.createDirectories(home.resolve("bin"));
        Path java = Files.writeString(bin.resolve("java"), "#!/bin/sh\necho java \"$@\"\n" + then + "\n");
        Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwx------"));
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(home)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    private String start(String... arguments) throws IOException, InterruptedException {
        List<String> command = Stream.concat(
                        Stream.of("sh", home.resolve("start").toString()), Stream.of(arguments))
                .toList();
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("PATH", home.resolve("bin") + ":" + System.getenv("PATH"));
        builder.environment().remove("JAVA_OPTS");
        Process script = builder.start();
        String output = new String(script.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(script.waitFor()).as(output).isZero();
        return output;
    }
}
