package dev.firn.lake.scan;

import dev.firn.lake.catalog.ChangeKind;
import dev.firn.lake.catalog.CommitWalk;
import dev.firn.lake.catalog.LakeTable;
import dev.firn.lake.catalog.PinnedTable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotChanges;
import org.apache.iceberg.expressions.Expressions;
import org.jspecify.annotations.Nullable;

/// Finds the compactions between two snapshots that a refresh may pass over: those that moved rows of the earlier
/// snapshot and changed nothing. The earlier snapshot must be an ancestor of the later one.
///
/// A compaction is passed over only if
/// - each of its inputs was live in the earlier snapshot, with the same deletes as when it was rewritten, or is the
///   undeleted output of another one that is passed over: else rows are missing that the earlier run saw;
/// - each of its outputs is live in the later snapshot, or an input of another one that is passed over: else rows have
///   gone since;
/// - no input is live in the later snapshot: else its rows are there twice;
/// - it wrote as many rows as it read, less those that deletes of its inputs hit: else it changed rows, whatever its
/// commit says. Which rows an equality delete hit is not looked up, so up to all rows of such an input may be
/// missing.
///
/// Reads the manifests of both snapshots, and those of the parent of each compaction that may be passed over with the
/// position deletes of its inputs. If there is no compaction, it reads nothing. Keeps only files that compactions read
/// or wrote, in memory that is counted until the answer is found.
public final class Compactions {
    /// A key, its place in a map, and a partition; beside the characters of the location.
    private static final long BYTES_PER_FILE = 240;

    private final PinnedTable then;
    private final PinnedTable now;
    private final ScanSettings settings;
    private final BooleanSupplier cancelled;
    private final PlanMemory memory;

    /// @param live inputs that were live in the earlier snapshot with the same deletes
    /// @param undeleted inputs that no delete applied to when they were rewritten
    private record Candidate(RewrittenFiles files, Set<FileKey> live, Set<FileKey> undeleted) {}

    /// Some live files of a snapshot.
    private record Listing(Map<FileKey, PlannedFile> files, DeletePairing pairing) {
        /// The deletes of a file; null if it is not live.
        @Nullable
        List<DeleteFile> deletes(FileKey key) {
            PlannedFile file = files.get(key);
            return file == null ? null : pairing.of(file);
        }
    }

    private record Listed(DataFile file) implements Planning.Located {
        @Override
        public String location() {
            return file.location();
        }
    }

    private Compactions(
            PinnedTable then, PinnedTable now, ScanSettings settings, BooleanSupplier cancelled, PlanMemory memory) {
        this.then = then;
        this.now = now;
        this.settings = settings;
        this.cancelled = cancelled;
        this.memory = memory;
    }

    /// Throws like [ScanPlanner#plan].
    ///
    /// @param table the table as it was loaded
    public static PassedOver between(
            LakeTable table, PinnedTable then, PinnedTable now, ScanSettings settings, BooleanSupplier cancelled) {
        PlanMemory memory = new PlanMemory(settings.budget(), now.pin().table().toString());
        try (memory) {
            return new Compactions(then, now, settings, cancelled, memory).find(table);
        }
    }

    private PassedOver find(LakeTable table) {
        List<Snapshot> compactions = compactions(table);
        if (compactions.isEmpty()) {
            return PassedOver.NOTHING;
        }
        Map<Snapshot, RewrittenFiles> rewritten = new LinkedHashMap<>();
        Set<FileKey> read = new HashSet<>();
        Set<String> readPaths = new HashSet<>();
        Set<FileKey> written = new HashSet<>();
        for (Snapshot compaction : compactions) {
            RewrittenFiles files = rewritten(compaction);
            rewritten.put(compaction, files);
            read.addAll(files.inputs());
            files.inputs().forEach(input -> readPaths.add(input.location()));
            written.addAll(files.outputs());
        }
        Listing before = list(then, Objects.requireNonNull(then.pin().snapshotId()), read::contains);
        Set<FileKey> after = live(file -> written.contains(file) || readPaths.contains(file.location()));
        Set<String> livePaths = after.stream().map(FileKey::location).collect(Collectors.toSet());
        List<Candidate> candidates = new ArrayList<>();
        rewritten.forEach((compaction, files) -> {
            if (files.inputs().stream()
                    .allMatch(input -> (before.files().containsKey(input) || written.contains(input))
                            && !livePaths.contains(input.location()))) {
                candidate(compaction, files, before).ifPresent(candidates::add);
            }
        });
        boolean removed = true;
        while (removed) {
            List<Candidate> left = List.copyOf(candidates);
            removed = candidates.removeIf(candidate -> !isPassedOver(candidate, left, after));
        }
        Set<FileKey> inputs = new HashSet<>();
        Map<FileKey, PassedOver.Output> outputs = new HashMap<>();
        for (Candidate candidate : candidates) {
            inputs.addAll(candidate.files().inputs());
            candidate.files().outputs().stream()
                    .filter(after::contains)
                    .forEach(output -> outputs.put(output, candidate.files().output(output)));
        }
        return new PassedOver(inputs, outputs);
    }

    /// The compactions in order; none if the ancestry does not lead from one snapshot to the other.
    private List<Snapshot> compactions(LakeTable table) {
        List<Snapshot> compactions = new ArrayList<>();
        Long until = then.pin().snapshotId();
        for (Long id = now.pin().snapshotId(); !Objects.equals(id, until); ) {
            Snapshot snapshot = id == null ? null : now.iceberg().snapshot(id);
            if (snapshot == null) {
                return List.of();
            }
            if (CommitWalk.kindOf(snapshot, table) == ChangeKind.COMPACTION) {
                compactions.add(snapshot);
            }
            id = snapshot.parentId();
        }
        if (until == null) {
            return List.of();
        }
        Collections.reverse(compactions);
        return compactions;
    }

    private RewrittenFiles rewritten(Snapshot compaction) {
        SnapshotChanges changes =
                SnapshotChanges.builderFor(now.iceberg()).snapshot(compaction).build();
        RewrittenFiles files = new RewrittenFiles();
        changes.removedDataFiles().forEach(file -> files.addInput(file, counted(file)));
        changes.addedDataFiles().forEach(file -> files.addOutput(file, counted(file)));
        return files;
    }

    private DeletePairing.Scope counted(DataFile file) {
        memory.add(BYTES_PER_FILE + file.location().length());
        return DeletePairing.Scope.of(ScanPlanner.spec(now, file), file.partition());
    }

    private Optional<Candidate> candidate(Snapshot compaction, RewrittenFiles files, Listing before) {
        Long parentId = compaction.parentId();
        if (parentId == null || now.iceberg().snapshot(parentId) == null) {
            return Optional.empty();
        }
        Listing parent = list(now, parentId, files.inputs()::contains);
        PositionHits hits = new PositionHits(now, files.inputs(), memory, cancelled);
        Set<FileKey> live = new HashSet<>();
        Set<FileKey> undeleted = new HashSet<>();
        for (FileKey input : files.inputs()) {
            List<DeleteFile> deletes = parent.deletes(input);
            if (deletes == null) {
                return Optional.empty();
            }
            files.addDeletes(input, deletes, hits(hits, input.location(), deletes, files.rows(input)));
            List<DeleteFile> earlier = before.deletes(input);
            if (earlier != null && identities(deletes).equals(identities(earlier))) {
                live.add(input);
            }
            if (deletes.isEmpty()) {
                undeleted.add(input);
            }
        }
        return files.keepsRows() ? Optional.of(new Candidate(files, live, undeleted)) : Optional.empty();
    }

    private RewrittenFiles.Hits hits(PositionHits hits, String location, List<DeleteFile> deletes, long rows) {
        try {
            return hits.of(location, deletes, rows);
        } catch (RuntimeException e) {
            throw ReadFaults.of(now, location, e);
        }
    }

    private static Set<String> identities(List<DeleteFile> deletes) {
        return deletes.stream()
                .map(delete -> delete.location() + "@" + delete.contentOffset())
                .collect(Collectors.toSet());
    }

    private static boolean isPassedOver(Candidate candidate, List<Candidate> left, Set<FileKey> after) {
        int place = left.indexOf(candidate);
        for (FileKey input : candidate.files().inputs()) {
            boolean isOutput = candidate.undeleted().contains(input)
                    && left.subList(0, place).stream()
                            .anyMatch(earlier -> earlier.files().outputs().contains(input));
            if (!candidate.live().contains(input) && !isOutput) {
                return false;
            }
        }
        for (FileKey output : candidate.files().outputs()) {
            boolean isInput = left.subList(place + 1, left.size()).stream()
                    .anyMatch(later -> later.files().inputs().contains(output));
            if (!after.contains(output) && !isInput) {
                return false;
            }
        }
        return true;
    }

    private Planning planning(PinnedTable table, long snapshotId) {
        return new Planning(table, snapshotId, settings.maxFiles(), memory, cancelled);
    }

    private Map<FileKey, PlannedFile> files(PinnedTable table, Planning planning, Predicate<FileKey> wanted) {
        PlannedFiles found = new PlannedFiles(memory);
        planning.dataFiles(Expressions.alwaysTrue(), file -> new Listed(file.copyWithoutStats()), listed -> {
            if (wanted.test(FileKey.of(listed.file()))) {
                planning.requireFew(found.size() + 1);
                memory.add(BYTES_PER_FILE);
                found.add(listed.file(), ScanPlanner.spec(table, listed.file()));
            }
        });
        Map<FileKey, PlannedFile> files = new LinkedHashMap<>();
        found.ordered().forEach(file -> files.put(FileKey.of(file), file));
        return files;
    }

    /// Files of the later snapshot.
    private Set<FileKey> live(Predicate<FileKey> wanted) {
        long head = Objects.requireNonNull(now.pin().snapshotId());
        try {
            return files(now, planning(now, head), wanted).keySet();
        } catch (RuntimeException e) {
            throw ReadFaults.of(now, e);
        }
    }

    private Listing list(PinnedTable table, long snapshotId, Predicate<FileKey> wanted) {
        try {
            Planning planning = planning(table, snapshotId);
            Map<FileKey, PlannedFile> files = files(table, planning, wanted);
            DeletePairing pairing =
                    DeletePairing.of(table, planning, Expressions.alwaysTrue(), files.values(), memory::add);
            return new Listing(files, pairing);
        } catch (RuntimeException e) {
            throw ReadFaults.of(table, e);
        }
    }
}
