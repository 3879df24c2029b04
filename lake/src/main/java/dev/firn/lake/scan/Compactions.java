package dev.firn.lake.scan;

import dev.firn.lake.catalog.ChangeKind;
import dev.firn.lake.catalog.CommitWalk;
import dev.firn.lake.catalog.LakeTable;
import dev.firn.lake.catalog.PinnedTable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotChanges;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expressions;

/// Finds the compactions between two snapshots that a refresh may pass over: those that moved rows of the earlier
/// snapshot and changed nothing. The earlier snapshot must be an ancestor of the later one.
///
/// A compaction is passed over only if
/// - each of its inputs was live in the earlier snapshot, with the same deletes as when it was rewritten, or is the
///   undeleted output of another one that is passed over: else rows are missing that the earlier run saw;
/// - each of its outputs is live in the later snapshot, or an input of another one that is passed over: else rows have
///   gone since;
/// - no input is live in the later snapshot: else its rows are there twice.
///
/// Reads the manifests of both snapshots, and those of the parent of each compaction. If there is none, it reads
/// nothing.
public final class Compactions {
    private final PinnedTable then;
    private final PinnedTable now;
    private final ScanSettings settings;
    private final BooleanSupplier cancelled;

    /// One compaction.
    ///
    /// @param live inputs that were live in the earlier snapshot with the same deletes
    /// @param undeleted inputs that no delete applied to when they were rewritten
    /// @param equalities the equality deletes that applied to all inputs
    private record Candidate(
            Set<FileKey> inputs,
            Set<FileKey> outputs,
            Set<FileKey> live,
            Set<FileKey> undeleted,
            Set<String> equalities) {}

    /// The live files of a snapshot, each with what identifies its deletes.
    private record Listing(Map<FileKey, Set<String>> deletes, Map<FileKey, Set<String>> equalities) {}

    private record Listed(DataFile file) implements Planning.Located {
        @Override
        public String location() {
            return file.location();
        }
    }

    private Compactions(PinnedTable then, PinnedTable now, ScanSettings settings, BooleanSupplier cancelled) {
        this.then = then;
        this.now = now;
        this.settings = settings;
        this.cancelled = cancelled;
    }

    /// Throws like [ScanPlanner#plan].
    ///
    /// @param table the table as it was loaded
    public static PassedOver between(
            LakeTable table, PinnedTable then, PinnedTable now, ScanSettings settings, BooleanSupplier cancelled) {
        return new Compactions(then, now, settings, cancelled).find(table);
    }

    private PassedOver find(LakeTable table) {
        List<Snapshot> compactions = compactions(table);
        if (compactions.isEmpty()) {
            return PassedOver.NOTHING;
        }
        Listing before = list(then, Objects.requireNonNull(then.pin().snapshotId()));
        Listing after = list(now, Objects.requireNonNull(now.pin().snapshotId()));
        List<Candidate> candidates = new ArrayList<>();
        for (Snapshot compaction : compactions) {
            candidates.add(candidate(compaction, before));
        }
        Set<String> livePaths =
                after.deletes().keySet().stream().map(FileKey::location).collect(Collectors.toSet());
        boolean removed = true;
        while (removed) {
            List<Candidate> left = List.copyOf(candidates);
            removed = candidates.removeIf(candidate -> !isPassedOver(candidate, left, after, livePaths));
        }
        Set<FileKey> inputs = new HashSet<>();
        Map<FileKey, Set<String>> outputs = new HashMap<>();
        for (Candidate candidate : candidates) {
            inputs.addAll(candidate.inputs());
            candidate.outputs().stream()
                    .filter(after.deletes()::containsKey)
                    .forEach(output -> outputs.put(output, candidate.equalities()));
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

    private Candidate candidate(Snapshot compaction, Listing before) {
        Table iceberg = now.iceberg();
        SnapshotChanges changes =
                SnapshotChanges.builderFor(iceberg).snapshot(compaction).build();
        Set<FileKey> inputs = new HashSet<>();
        changes.removedDataFiles().forEach(file -> inputs.add(FileKey.of(file)));
        Set<FileKey> outputs = new HashSet<>();
        changes.addedDataFiles().forEach(file -> outputs.add(FileKey.of(file)));
        Long parentId = compaction.parentId();
        if (parentId == null || iceberg.snapshot(parentId) == null) {
            return new Candidate(inputs, outputs, Set.of(), Set.of(), Set.of());
        }
        Listing parent = list(now, parentId);
        Set<FileKey> live = new HashSet<>();
        Set<FileKey> undeleted = new HashSet<>();
        Set<String> equalities = null;
        for (FileKey input : inputs) {
            Set<String> deletes = parent.deletes().get(input);
            if (deletes != null && deletes.equals(before.deletes().get(input))) {
                live.add(input);
            }
            if (deletes != null && deletes.isEmpty()) {
                undeleted.add(input);
            }
            Set<String> own = parent.equalities().getOrDefault(input, Set.of());
            if (equalities == null) {
                equalities = new HashSet<>(own);
            } else {
                equalities.retainAll(own);
            }
        }
        return new Candidate(inputs, outputs, live, undeleted, equalities == null ? Set.of() : equalities);
    }

    private static boolean isPassedOver(Candidate candidate, List<Candidate> left, Listing after, Set<String> paths) {
        int place = left.indexOf(candidate);
        for (FileKey input : candidate.inputs()) {
            boolean isOutput = candidate.undeleted().contains(input)
                    && left.subList(0, place).stream()
                            .anyMatch(earlier -> earlier.outputs().contains(input));
            if (paths.contains(input.location()) || !(candidate.live().contains(input) || isOutput)) {
                return false;
            }
        }
        for (FileKey output : candidate.outputs()) {
            boolean isInput = left.subList(place + 1, left.size()).stream()
                    .anyMatch(later -> later.inputs().contains(output));
            if (!after.deletes().containsKey(output) && !isInput) {
                return false;
            }
        }
        return true;
    }

    private Listing list(PinnedTable table, long snapshotId) {
        PlanMemory memory =
                new PlanMemory(settings.budget(), table.pin().table().toString());
        try (memory) {
            Planning planning = new Planning(table, snapshotId, settings.maxFiles(), memory, cancelled);
            PlannedFiles found = new PlannedFiles(memory);
            planning.dataFiles(Expressions.alwaysTrue(), file -> new Listed(file.copyWithoutStats()), listed -> {
                planning.requireFew(found.size() + 1);
                found.add(listed.file(), ScanPlanner.spec(table, listed.file()));
            });
            List<PlannedFile> files = found.ordered();
            DeletePairing pairing = DeletePairing.of(table, planning, Expressions.alwaysTrue(), files, memory::add);
            Map<FileKey, Set<String>> deletes = new HashMap<>();
            Map<FileKey, Set<String>> equalities = new HashMap<>();
            for (PlannedFile file : files) {
                Set<String> all = new HashSet<>();
                Set<String> equal = new HashSet<>();
                for (DeleteFile delete : pairing.of(file)) {
                    all.add(delete.location() + "@" + delete.contentOffset());
                    if (delete.content() == FileContent.EQUALITY_DELETES) {
                        equal.add(delete.location());
                    }
                }
                deletes.put(FileKey.of(file), all);
                equalities.put(FileKey.of(file), equal);
            }
            return new Listing(deletes, equalities);
        } catch (RuntimeException e) {
            throw ReadFaults.of(table, e);
        }
    }
}
