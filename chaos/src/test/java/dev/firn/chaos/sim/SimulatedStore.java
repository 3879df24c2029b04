package dev.firn.chaos.sim;

import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeOutage;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.storage.PutOutcome;
import dev.firn.lake.storage.Storage;
import dev.firn.lake.storage.StoredFile;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.NavigableMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;

/// A store in which each call is two steps, before and after it takes effect, and may fail in every way that
/// real ones do: not executed, executed without an answer, executed long after it failed.
final class SimulatedStore implements Storage {
    private static final String MANIFEST = "/_manifest.json";

    private final Baton baton;
    private final SplittableRandom random;
    private final NavigableMap<String, String> files = new TreeMap<>();
    private final List<Runnable> late = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();
    private final Flaw flaw;
    private double faults;
    private int injected;

    /// A store that is not what it must be, to see that the checks find it.
    enum Flaw {
        NONE,
        /// A conditional PUT of a manifest replaces the one that is there.
        MANIFEST_PUT_IS_UNCONDITIONAL,
        /// A conditional PUT of a manifest looks first and writes a step later.
        MANIFEST_PUT_IS_NOT_ATOMIC
    }

    private enum Outcome {
        DONE,
        FAILED,
        ANSWER_LOST,
        LATE
    }

    /// @param faults the share of calls that fail
    SimulatedStore(Baton baton, SplittableRandom random, double faults, Flaw flaw) {
        this.baton = baton;
        this.random = random;
        this.faults = faults;
        this.flaw = flaw;
    }

    /// No call fails from now on; late calls are still late.
    void heal() {
        faults = 0;
    }

    int injected() {
        return injected;
    }

    /// What nobody may do to a store, and was done.
    List<String> problems() {
        return problems;
    }

    /// Executes one of the late calls, if there are any.
    void applyOneLate() {
        if (!late.isEmpty()) {
            late.remove(random.nextInt(late.size())).run();
        }
    }

    void applyAllLate() {
        while (!late.isEmpty()) {
            applyOneLate();
        }
    }

    /// The files below the folder and their contents.
    NavigableMap<String, String> below(String folder) {
        String prefix = folder.endsWith("/") ? folder : folder + "/";
        return new TreeMap<>(files.subMap(prefix, prefix + "\uffff"));
    }

    /// Writes a file of a result, as an output stream does when it is closed.
    void put(String location, String content) {
        write(() -> files.put(location, content));
    }

    @Override
    public PutOutcome putIfAbsent(String location, byte[] content) {
        String hex = HexFormat.of().formatHex(content);
        if (flaw != Flaw.NONE && location.endsWith(MANIFEST)) {
            return putCarelessly(location, hex);
        }
        boolean[] created = {false};
        write(() -> {
            String there = files.putIfAbsent(location, hex);
            created[0] = there == null || there.equals(hex);
        });
        return created[0] ? PutOutcome.CREATED : PutOutcome.ALREADY_THERE;
    }

    private PutOutcome putCarelessly(String location, String content) {
        boolean free = !files.containsKey(location) || flaw == Flaw.MANIFEST_PUT_IS_UNCONDITIONAL;
        baton.step();
        if (free) {
            files.put(location, content);
        }
        baton.step();
        return free ? PutOutcome.CREATED : PutOutcome.ALREADY_THERE;
    }

    @Override
    public byte[] read(String location, int maxBytes) {
        String content = asked(() -> files.getOrDefault(location, ""));
        if (content.isEmpty()) {
            throw new LakeRejection(LakeCode.FILE_NOT_FOUND, "[" + location + "] does not exist");
        }
        return HexFormat.of().parseHex(content);
    }

    @Override
    public List<StoredFile> list(String folderOrFile) {
        return asked(() -> below(folderOrFile).entrySet().stream()
                .map(file -> new StoredFile(file.getKey(), file.getValue().length(), "etag"))
                .toList());
    }

    @Override
    public void delete(Collection<String> locations) {
        for (String location : locations) {
            write(() -> {
                files.remove(location);
                if (location.endsWith(MANIFEST)) {
                    problems.add(location + " was deleted");
                }
            });
        }
    }

    private void write(Runnable effect) {
        baton.step();
        switch (drawn()) {
            case DONE -> effect.run();
            case FAILED -> throw away();
            case ANSWER_LOST -> {
                effect.run();
                baton.step();
                throw away();
            }
            case LATE -> {
                late.add(effect);
                throw away();
            }
        }
        baton.step();
    }

    private <T> T asked(Supplier<T> question) {
        baton.step();
        if (drawn() != Outcome.DONE) {
            throw away();
        }
        T answer = question.get();
        baton.step();
        return answer;
    }

    private Outcome drawn() {
        if (random.nextDouble() >= faults) {
            return Outcome.DONE;
        }
        injected++;
        return switch (random.nextInt(3)) {
            case 0 -> Outcome.FAILED;
            case 1 -> Outcome.ANSWER_LOST;
            default -> Outcome.LATE;
        };
    }

    private static LakeOutage away() {
        return new LakeOutage(LakeCode.STORAGE_UNAVAILABLE, "the simulated store failed", null);
    }

    @Override
    public InputFile input(String location) {
        throw new UnsupportedOperationException(location);
    }

    @Override
    public OutputFile output(String location) {
        throw new UnsupportedOperationException(location);
    }

    @Override
    public String etag(String location) {
        throw new UnsupportedOperationException(location);
    }

    @Override
    public boolean conditionalPutIsAtomic(String probeFolder) {
        return true;
    }

    @Override
    public void close() {}
}
