package dev.firn.lake.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.xerial.snappy.Snappy;

/// What becomes of the temporary files of processes that end in different ways.
@Timeout(120)
final class ProcessFolderTest {
    @TempDir
    private Path parent = Path.of("target");

    @Test
    void isPrivateAndIsDeletedWhenItIsClosed() throws Exception {
        ProcessFolder folder = ProcessFolder.create(parent);
        Files.writeString(Files.createDirectories(folder.path().resolve("a/b")).resolve("spill"), "rows");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.path())))
                .isEqualTo("rwx------");

        folder.close();

        assertThat(left()).isEmpty();
    }

    @Test
    void sweepsNeitherFoldersInUseNorThoseOfOthers() throws Exception {
        Path foreign = Files.createDirectory(parent.resolve("firn-processes"));
        Path young = Files.createDirectory(parent.resolve("firn-process-young"));
        Path link = Files.createSymbolicLink(parent.resolve("firn-process-link"), foreign);
        try (ProcessFolder first = ProcessFolder.create(parent);
                ProcessFolder second = ProcessFolder.create(parent)) {
            assertThat(left()).containsExactlyInAnyOrder(foreign, young, link, first.path(), second.path());
        }
    }

    /// The second folder sweeps beside the first. That must not open the first to other processes.
    @Test
    void twoFoldersOfOneProcessStayInUse() throws Exception {
        try (ProcessFolder first = ProcessFolder.create(parent);
                ProcessFolder second = ProcessFolder.create(parent)) {
            Process other = start();
            try (BufferedReader output = other.inputReader(StandardCharsets.UTF_8)) {
                assertThat(output.readLine()).startsWith("up ");
                assertThat(left()).hasSize(3).contains(first.path(), second.path());
            } finally {
                other.destroyForcibly().waitFor();
            }
        }
    }

    @Test
    void sweepsAnUnfinishedFolderOnceItIsOld() throws Exception {
        Path old = Files.createDirectory(parent.resolve("firn-process-old"));
        Files.setLastModifiedTime(old, FileTime.from(Instant.now().minusSeconds(3_700)));

        try (ProcessFolder folder = ProcessFolder.create(parent)) {
            assertThat(left()).containsExactly(folder.path());
        }
    }

    @Test
    void nothingPilesUpWhenProcessesAreKilled() throws Exception {
        for (int i = 0; i < 3; i++) {
            Process process = start();
            try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
                assertThat(output.readLine()).startsWith("up ");
                assertThat(left()).hasSize(1);
                assertThat(libraries(left().getFirst())).isNotEmpty();
            } finally {
                process.destroyForcibly().waitFor();
            }
            assertThat(left()).hasSize(1);
        }
    }

    @Test
    void nothingIsLeftWhenAProcessExits() throws Exception {
        Process process = start();
        try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
            assertThat(output.readLine()).startsWith("up ");
            process.destroy();
            process.waitFor();
        } finally {
            process.destroyForcibly();
        }
        assertThat(left()).isEmpty();
    }

    private Process start() throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-Djava.io.tmpdir=" + parent,
                        "-cp",
                        System.getProperty("surefire.real.class.path", System.getProperty("java.class.path")),
                        Unpacking.class.getName())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private List<Path> left() throws IOException {
        try (Stream<Path> files = Files.list(parent)) {
            return files.toList();
        }
    }

    private static List<Path> libraries(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().contains("snappy")).toList();
        }
    }

    /// Loads a native library, which its jar unpacks, and waits to be killed.
    public static final class Unpacking {
        private Unpacking() {}

        public static void main(String[] arguments) throws IOException, InterruptedException {
            ProcessFolder folder = ProcessFolder.forThisProcess();
            System.out.println("up " + Snappy.getNativeLibraryVersion() + " in " + folder.path());
            System.out.flush();
            new CountDownLatch(1).await(1, TimeUnit.MINUTES);
        }
    }

    /// Each sweep may meet folders that another one, or their owner, deletes at that moment.
    @Test
    void processesThatStartAndEndAtTheSameTimeDoNotFailEachOther() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<Callable<Void>> lives = Collections.nCopies(400, () -> {
                ProcessFolder.create(parent).close();
                return null;
            });
            for (Future<Void> life : threads.invokeAll(lives)) {
                life.get();
            }
        }
    }
}
