package dev.firn.chaos.run;

import dev.firn.events.RetrievalRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// A worker answers many requests, some of which fail. Afterwards it holds no more threads, descriptors, temporary
/// files and heap than before, and the store holds no file that no result names.
final class Leaks implements Scenario {
    private static final int NIGHTLY_REQUESTS = 2_000;
    private static final int WARM_UP = 24;
    private static final int MORE_THREADS = 6;
    private static final int MORE_DESCRIPTORS = 12;
    private static final long MORE_HEAP_KIB = 24 << 10;

    @Override
    public String fault() {
        return "many requests: leaks";
    }

    /// What a process holds.
    private record Held(long threads, long descriptors, long temporaryFiles, long heapKib) {}

    @Override
    public Outcome run(ChaosRun run) {
        Outcome.Builder outcome = Outcome.of(fault());
        Map<String, RetrievalRequest> requests = new LinkedHashMap<>();
        Path temporary = temporaryFolder();
        Map<String, String> settings = new LinkedHashMap<>(WorkerKills.SLOTS);
        settings.put("java.io.tmpdir", temporary.toString());
        try (ServiceUnderTest worker = run.deployment.worker(settings)) {
            batch(run, requests, WARM_UP);
            Held before = held(worker, temporary);
            long began = System.nanoTime();
            int count = Math.max(WARM_UP, run.plan.scaled(NIGHTLY_REQUESTS));
            batch(run, requests, count);
            outcome.fired(count).recovered(began);
            Held after = held(worker, temporary);
            outcome.wrong(grown(before, after)).wrong(orphans(run, requests));
        }
        return run.outcome(outcome, requests.keySet());
    }

    /// Every fourth request fails.
    private static void batch(ChaosRun run, Map<String, RetrievalRequest> requests, int count) {
        List<String> sent = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String id = run.id("leak");
            RetrievalRequest.Builder request = run.retrieval(id, ChaosRun.VIEW);
            if (i % 4 == 3) {
                request.setFeatures(List.of("no_such_view:value"));
            }
            requests.put(id, request.build());
            run.conversation.ask(requests.get(id));
            sent.add(id);
        }
        run.conversation.awaitAnswers(sent);
    }

    private static List<String> grown(Held before, Held after) {
        List<String> problems = new ArrayList<>();
        if (after.threads > before.threads + MORE_THREADS) {
            problems.add("threads grew from %d to %d".formatted(before.threads, after.threads));
        }
        if (after.descriptors > before.descriptors + MORE_DESCRIPTORS) {
            problems.add("descriptors grew from %d to %d".formatted(before.descriptors, after.descriptors));
        }
        if (after.temporaryFiles > before.temporaryFiles) {
            problems.add("temporary files grew from %d to %d".formatted(before.temporaryFiles, after.temporaryFiles));
        }
        if (after.heapKib > before.heapKib + MORE_HEAP_KIB) {
            problems.add("the heap grew from %d to %d KiB".formatted(before.heapKib, after.heapKib));
        }
        return problems;
    }

    /// Parquet files of these requests outside of the results' folders.
    private static List<String> orphans(ChaosRun run, Map<String, RetrievalRequest> requests) {
        List<String> problems = new ArrayList<>();
        for (String id : requests.keySet()) {
            var result = run.conversation.retrieval(id).orElseThrow();
            String location = String.valueOf(result.getLocation());
            String manifest = String.valueOf(result.getManifestLocation());
            String folder = manifest.substring(0, manifest.lastIndexOf('/'));
            run.deployment.storage.list(folder).stream()
                    .filter(file -> file.location().endsWith(".parquet")
                            && !file.location().startsWith(location))
                    .forEach(file -> problems.add("no result names " + file.location()));
        }
        return problems;
    }

    private static Held held(ServiceUnderTest worker, Path temporary) {
        Path process = Path.of("/proc", Long.toString(worker.pid()));
        return new Held(
                count(process.resolve("task")),
                count(process.resolve("fd")),
                files(temporary),
                heapAfterCollection(worker.pid()));
    }

    private static long count(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long files(Path folder) {
        try (Stream<Path> entries = Files.walk(folder)) {
            return entries.filter(Files::isRegularFile).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// From `jcmd GC.heap_info`, which says for the serial collector: `… total 400000K, used 12345K …`, per generation.
    private static long heapAfterCollection(long pid) {
        jcmd(pid, "GC.run");
        return jcmd(pid, "GC.heap_info")
                .lines()
                .filter(line -> line.contains("generation") && line.contains(" used "))
                .mapToLong(line -> Long.parseLong(line.replaceAll(".* used (\\d+)K.*", "$1")))
                .sum();
    }

    private static String jcmd(long pid, String command) {
        try {
            Process process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "jcmd")
                                    .toString(),
                            Long.toString(pid),
                            command)
                    .redirectErrorStream(true)
                    .start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new AssertionError("jcmd %s: %s".formatted(command, output));
            }
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private static Path temporaryFolder() {
        try {
            return Files.createDirectories(
                    Path.of("target", "chaos", "tmp-" + System.nanoTime()).toAbsolutePath());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
