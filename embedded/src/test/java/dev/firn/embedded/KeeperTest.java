package dev.firn.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchService;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What happens to real child processes that are killed.
@Timeout(120)
final class KeeperTest {
    private static final int LIMIT_SECONDS = 60;

    private final BlockingQueue<Part> exited = new LinkedBlockingQueue<>();
    private final BlockingQueue<Part> back = new LinkedBlockingQueue<>();
    private final BlockingQueue<Boolean> changes = new LinkedBlockingQueue<>();
    private final Keeper keeper = new Keeper(Clock.systemUTC(), () -> changes.add(true));

    @TempDir
    private Path folder = Path.of("target");

    @Test
    void startsAKilledProcessAgainAndSaysSo() throws Exception {
        ChildProcess child = kept(Waits.class);
        try {
            Part first = child.state();
            child.process().destroyForcibly();

            assertThat(exited.poll(LIMIT_SECONDS, TimeUnit.SECONDS)).isEqualTo(first);
            Part second = back.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
            assertThat(second).isEqualTo(child.state());
            assertThat(second.pid()).isNotEqualTo(first.pid());
            assertThat(child.process().isAlive()).isTrue();
            assertThat(changes).hasSize(1);

            child.process().destroyForcibly();
            assertThat(exited.poll(LIMIT_SECONDS, TimeUnit.SECONDS)).isEqualTo(second);
            assertThat(back.poll(LIMIT_SECONDS, TimeUnit.SECONDS)).isEqualTo(child.state());
        } finally {
            end(child);
        }
    }

    /// Native libraries are unpacked to the temporary folder, and a process that is killed deletes nothing.
    @Test
    void leavesNothingOfAKilledProcessInItsTemporaryFolder() throws Exception {
        ChildProcess child = kept(Waits.class);
        Path temporary = folder.resolve("logs/tmp/part");
        try {
            for (int i = 0; i < 2; i++) {
                awaitOneFile(temporary);
                child.process().destroyForcibly();
                assertThat(back.poll(LIMIT_SECONDS, TimeUnit.SECONDS)).isNotNull();
            }
            awaitOneFile(temporary);
        } finally {
            end(child);
        }
    }

    @Test
    void letsAReleasedProcessExit() throws Exception {
        ChildProcess child = kept(Waits.class);

        keeper.release(child);
        end(child);

        assertThat(exited.poll(1, TimeUnit.SECONDS)).isNull();
        assertThat(child.process().isAlive()).isFalse();
    }

    @Test
    void givesUpAProcessThatDiesAgainAndAgain() throws Exception {
        ChildProcess child = kept(Exits.class);

        assertThat(keeper.lost().get(LIMIT_SECONDS, TimeUnit.SECONDS).name()).isEqualTo("part");
        assertThat(exited).hasSize(RestartLimit.MAX_RESTARTS);
        assertThat(child.process().isAlive()).isFalse();
    }

    private static void awaitOneFile(Path folder) throws IOException, InterruptedException {
        try (WatchService watch = folder.getFileSystem().newWatchService()) {
            folder.register(watch, StandardWatchEventKinds.ENTRY_CREATE);
            if (count(folder) == 0) {
                assertThat(watch.poll(LIMIT_SECONDS, TimeUnit.SECONDS)).isNotNull();
            }
        }
        assertThat(count(folder)).isEqualTo(1);
    }

    private static long count(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.count();
        }
    }

    private ChildProcess kept(Class<?> main) {
        keeper.listen(new StackListener() {
            @Override
            public void exited(Part part, int exitCode, Duration pause) {
                exited.add(part);
            }

            @Override
            public void isBack(Part part) {
                back.add(part);
            }
        });
        ChildProcess child = ChildProcess.start(
                ProcessSpec.of("part", List.of(System.getProperty("java.class.path")), main.getName(), folder),
                folder.resolve("logs"));
        keeper.keep(child);
        return child;
    }

    private void end(ChildProcess child) {
        keeper.close();
        child.askToStop();
        child.awaitStopped();
    }

    /// Runs until its parent ends it.
    public static final class Waits {
        private Waits() {}

        public static void main(String[] arguments) throws IOException, InterruptedException {
            Files.createTempFile("library", ".so");
            Thread.currentThread().join(Duration.ofMinutes(5));
        }
    }

    /// Ends at once.
    public static final class Exits {
        private Exits() {}

        public static void main(String[] arguments) {
            System.exit(3);
        }
    }
}
