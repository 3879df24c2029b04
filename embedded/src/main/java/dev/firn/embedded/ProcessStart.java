package dev.firn.embedded;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/// When a process began, to tell it from a later one with the same pid. The number stays the same for as long as the
/// process runs: on Linux, it counts clock ticks since the boot, elsewhere milliseconds since the epoch. The JDK's own
/// instant would not do on Linux: it is derived from the time of the boot, which moves whenever the clock is set.
public final class ProcessStart {
    /// Of the fields in `/proc/PID/stat` after the name: number 22 of `man proc_pid_stat`, the name being number 2.
    private static final int START_TIME = 19;

    private ProcessStart() {}

    /// 0 if the process has ended.
    public static long of(ProcessHandle process) {
        try {
            return ticks(Files.readString(
                    Path.of("/proc", Long.toString(process.pid()), "stat"), StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
        }
    }

    /// The process with this pid that began then, if it is still running.
    public static Optional<ProcessHandle> running(long pid, long start) {
        return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).filter(process -> of(process) == start);
    }

    /// A process can have any name, with spaces and parentheses too.
    static long ticks(String stat) {
        String afterName = stat.substring(stat.lastIndexOf(')') + 2);
        return Long.parseLong(afterName.split(" ", START_TIME + 2)[START_TIME]);
    }
}
