package dev.firn.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Runs a peer's process, watches its memory, and parses what it reports about its runs.
final class ChildRun {
    private static final long SAMPLE_MILLIS = 10;
    private static final int KEPT_LINES = 40;
    private static final int REASON_LENGTH = 160;

    private ChildRun() {}

    /// What a process did. Null for what is not known, for example because the process failed.
    record Outcome(
            @Nullable Double coldSeconds,
            @Nullable Double warmSeconds,
            @Nullable Double cpuSeconds,
            @Nullable Long peakRssBytes,
            @Nullable Long peakAnonBytes,
            @Nullable Long bytesRead,
            @Nullable String note,
            @Nullable Load load) {
        Outcome(
                @Nullable Double coldSeconds,
                @Nullable Double warmSeconds,
                @Nullable Double cpuSeconds,
                @Nullable Long peakRssBytes,
                @Nullable Long peakAnonBytes,
                @Nullable Long bytesRead,
                @Nullable String note) {
            this(coldSeconds, warmSeconds, cpuSeconds, peakRssBytes, peakAnonBytes, bytesRead, note, null);
        }

        Outcome withLoad(@Nullable Load loaded) {
            return new Outcome(
                    coldSeconds, warmSeconds, cpuSeconds, peakRssBytes, peakAnonBytes, bytesRead, note, loaded);
        }

        boolean succeeded() {
            return note == null;
        }
    }

    /// What it did before its runs.
    ///
    /// @param bytes of the files that it keeps
    record Load(double seconds, long bytes) {
        static Load parse(String line) {
            String[] words = line.substring(RunLoop.LOAD_PREFIX.length()).split(" ", -1);
            return new Load(Double.parseDouble(words[0]), Long.parseLong(words[1]));
        }
    }

    private record Run(double seconds, double cpuSeconds, long bytesRead) {
        static Run parse(String line) {
            String[] words = line.substring(RunLoop.PREFIX.length()).split(" ", -1);
            return new Run(Double.parseDouble(words[0]), Double.parseDouble(words[1]), Long.parseLong(words[2]));
        }
    }

    /// @param limitSeconds for each run; a process that takes longer is stopped and reported with a `>`
    static Outcome of(List<String> command, double limitSeconds) {
        return of(command, limitSeconds, _ -> {});
    }

    /// @param rest receives what the process prints, except the lines about its runs
    static Outcome of(List<String> command, double limitSeconds, Consumer<String> rest) {
        try {
            long startedAt = System.nanoTime();
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            Watch watch = new Watch(process, limitSeconds);
            Thread watching = Thread.ofPlatform().daemon().start(watch);
            List<Run> runs = new ArrayList<>();
            Deque<String> last = new ArrayDeque<>();
            double cold = 0;
            Load load = null;
            try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    if (line.startsWith(RunLoop.PREFIX)) {
                        cold = runs.isEmpty() ? (System.nanoTime() - startedAt) / 1e9 : cold;
                        runs.add(Run.parse(line));
                        watch.runStarts();
                    } else if (line.startsWith(RunLoop.LOAD_PREFIX)) {
                        load = Load.parse(line);
                        watch.runStarts();
                    } else {
                        rest.accept(line);
                        last.add(line);
                        if (last.size() > KEPT_LINES) {
                            last.remove();
                        }
                    }
                }
            }
            int exit = process.waitFor();
            watching.join();
            return outcome(runs, cold, watch, limitSeconds, exit, last).withLoad(load);
        } catch (IOException e) {
            return new Outcome(null, null, null, null, null, null, e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private static Outcome outcome(
            List<Run> runs, double cold, Watch watch, double limitSeconds, int exit, Deque<String> last) {
        String note = watch.stopped
                ? "> %.0f s, stopped".formatted(limitSeconds)
                : exit == 0 && !runs.isEmpty() ? null : "exit code %d: %s".formatted(exit, reason(last));
        // a JVM compiles while it runs, so the later runs are those of a long-running service
        List<Run> warm = runs.size() < 2
                ? runs
                : runs.subList(Math.max(1, runs.size() / 2), runs.size()).stream()
                        .sorted(Comparator.comparingDouble(Run::seconds))
                        .toList();
        Run median = warm.isEmpty() ? null : warm.get(warm.size() / 2);
        return new Outcome(
                runs.isEmpty() ? null : cold,
                runs.size() < 2 || median == null ? null : median.seconds(),
                median == null ? null : median.cpuSeconds(),
                watch.peakRss == 0 ? null : watch.peakRss,
                watch.peakAnon == 0 ? null : watch.peakAnon,
                median == null || median.bytesRead() < 0 ? null : median.bytesRead(),
                note);
    }

    /// The last line that is not a part of a stack trace.
    private static String reason(Deque<String> last) {
        String line = last.reversed().stream()
                .filter(one -> !one.startsWith("\t") && !one.startsWith("Caused by: "))
                .findFirst()
                .orElse("no output");
        return line.length() > REASON_LENGTH ? line.substring(0, REASON_LENGTH) + "…" : line;
    }

    /// Checks a process every few milliseconds: the time, and its memory on systems with `/proc`.
    private static final class Watch implements Runnable {
        private final Process process;
        private final Path status;
        private final long limitNanos;
        private volatile long runStartedAt = System.nanoTime();
        private volatile boolean stopped;
        private volatile long peakRss;
        private volatile long peakAnon;

        Watch(Process process, double limitSeconds) {
            this.process = process;
            this.status = Path.of("/proc/" + process.pid() + "/status");
            this.limitNanos = (long) (limitSeconds * 1e9);
        }

        void runStarts() {
            runStartedAt = System.nanoTime();
        }

        @Override
        public void run() {
            try {
                while (!process.waitFor(SAMPLE_MILLIS, TimeUnit.MILLISECONDS)) {
                    sample();
                    if (System.nanoTime() - runStartedAt > limitNanos) {
                        stopped = true;
                        process.destroyForcibly();
                    }
                }
            } catch (InterruptedException e) {
                process.destroyForcibly();
            }
        }

        private void sample() {
            try {
                long anon = 0;
                long file = 0;
                for (String line : Files.readAllLines(status)) {
                    anon = line.startsWith("RssAnon:") ? kibibytes(line) : anon;
                    file += line.startsWith("RssFile:") || line.startsWith("RssShmem:") ? kibibytes(line) : 0;
                }
                peakAnon = Math.max(peakAnon, anon);
                peakRss = Math.max(peakRss, anon + file);
            } catch (IOException | UncheckedIOException e) {
                // the process has ended, or this system has no /proc: no sample
            }
        }

        private static long kibibytes(String line) {
            return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
        }
    }
}
