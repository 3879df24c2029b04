package dev.firn.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.LongSupplier;

/// In a peer's process: runs the job some times and says of each run what it took, one line each on standard output.
final class RunLoop {
    /// `RUN seconds cpuSeconds bytesRead`.
    static final String PREFIX = "RUN ";

    /// The job is repeated at least for so long, if it is repeated at all: what is compiled before it
    /// runs, and what the JVM compiles while it runs.
    private static final Duration COMPILED = Duration.ofSeconds(5);

    private static final Duration BEING_COMPILED = Duration.ofSeconds(20);

    /// After so long a cold run and a warm one are enough.
    private static final Duration SLOW = Duration.ofSeconds(30);

    private static final OperatingSystemMXBean SYSTEM =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

    private RunLoop() {}

    /// Runs a job of native code `times`, and on for some seconds.
    ///
    /// @param job runs it once and tells the bytes it read; -1 to take them from what this process read altogether
    static void repeat(int times, LongSupplier job) {
        repeat(times, COMPILED, job);
    }

    /// Runs a job of Java `times`, and on until it is compiled: a service that has just begun is not warm.
    static void repeatJava(int times, LongSupplier job) {
        repeat(times, BEING_COMPILED, job);
    }

    private static void repeat(int times, Duration least, LongSupplier job) {
        long first = System.nanoTime();
        for (int run = 0; goesOn(run, times, System.nanoTime() - first, least); run++) {
            long cpu = SYSTEM.getProcessCpuTime();
            long read = processRead();
            long begun = System.nanoTime();
            long bytes = job.getAsLong();
            double seconds = (System.nanoTime() - begun) / 1e9;
            System.out.printf(
                    "%s%.4f %.4f %d%n",
                    PREFIX,
                    seconds,
                    (SYSTEM.getProcessCpuTime() - cpu) / 1e9,
                    bytes >= 0 ? bytes : read < 0 ? -1 : processRead() - read);
            System.out.flush();
        }
    }

    /// @param run from 0: the next one's number
    static boolean goesOn(int run, int times, long nanos, Duration least) {
        if (run < Math.min(times, 2)) {
            return true;
        }
        return run < times ? nanos < SLOW.toNanos() : times > 1 && nanos < least.toNanos();
    }

    /// Bytes that this process has read by system calls; -1 where that is not told.
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
