package dev.firn.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/// In a peer's process: runs the job repeatedly and prints one line about each run to standard output.
final class RunLoop {
    /// `RUN seconds cpuSeconds bytesRead`.
    static final String PREFIX = "RUN ";

    /// How long native code is repeated at least, if it is repeated at all.
    private static final Duration MIN_NATIVE = Duration.ofSeconds(5);

    /// How long Java is repeated at least: longer, because the JVM compiles it while it runs.
    private static final Duration MIN_JAVA = Duration.ofSeconds(20);

    /// After this time, one cold and one warm run are enough.
    private static final Duration SLOW = Duration.ofSeconds(30);

    private static final OperatingSystemMXBean SYSTEM =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

    /// `LOAD seconds bytes`.
    static final String LOAD_PREFIX = "LOAD ";

    private RunLoop() {}

    /// Reports what an engine did before its runs are measured.
    ///
    /// @param kept the file or folder that it reads from now on
    static void loaded(long nanos, Path kept) {
        try (Stream<Path> files = Files.walk(kept)) {
            long bytes = files.mapToLong(
                            file -> file.toFile().isFile() ? file.toFile().length() : 0)
                    .sum();
            System.out.printf("%s%.2f %d%n", LOAD_PREFIX, nanos / 1e9, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Runs a job in native code `times` times, and longer if that takes less than a few seconds.
    ///
    /// @param job runs once and returns the bytes it read, or -1 to count the bytes that this process read
    static void repeat(int times, LongSupplier job) {
        repeat(times, MIN_NATIVE, job);
    }

    /// Runs a job in Java `times` times, and more often until it is compiled, as in a service that has run for a while.
    static void repeatJava(int times, LongSupplier job) {
        repeat(times, MIN_JAVA, job);
    }

    private static void repeat(int times, Duration min, LongSupplier job) {
        long first = System.nanoTime();
        for (int run = 0; continues(run, times, System.nanoTime() - first, min); run++) {
            long cpu = SYSTEM.getProcessCpuTime();
            long read = processRead();
            long startedAt = System.nanoTime();
            long bytes = job.getAsLong();
            double seconds = (System.nanoTime() - startedAt) / 1e9;
            System.out.printf(
                    "%s%.4f %.4f %d%n",
                    PREFIX,
                    seconds,
                    (SYSTEM.getProcessCpuTime() - cpu) / 1e9,
                    bytes >= 0 ? bytes : read < 0 ? -1 : processRead() - read);
            System.out.flush();
        }
    }

    /// Whether another run follows.
    ///
    /// @param run its number, from 0
    /// @param nanos since the first run started
    static boolean continues(int run, int times, long nanos, Duration min) {
        if (run < Math.min(times, 2)) {
            return true;
        }
        return run < times ? nanos < SLOW.toNanos() : times > 1 && nanos < min.toNanos();
    }

    /// Bytes that this process has read by system calls; -1 if the system does not count them.
    private static long processRead() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/io"))) {
                if (line.startsWith("rchar: ")) {
                    return Long.parseLong(line.substring("rchar: ".length()));
                }
            }
        } catch (IOException e) {
            return -1;
        }
        return -1;
    }
}
