package dev.firn.cli.events;

import dev.firn.events.Pins;
import dev.firn.events.ResolvedSource;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.TableCommit;
import dev.firn.events.ViewPin;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Says why a run of a standing retrieval was issued: what differs between its pins and those of the run before, and
/// which commits made the difference.
final class RunCauses {
    private final Map<Snapshot, TableCommit> commits = new HashMap<>();

    /// @param table `catalog.schema.table`
    private record Snapshot(String table, @Nullable Long id) {}

    RunCauses(List<TableCommit> commits) {
        for (TableCommit commit : commits) {
            String table = "%s.%s.%s".formatted(commit.getCatalog(), commit.getSchema$(), commit.getTableName());
            this.commits.put(new Snapshot(table, commit.getSnapshotId()), commit);
        }
    }

    /// In the order of the views. At least one.
    List<String> of(RetrievalRequest run) {
        Pins pins = run.getPins();
        Pins previous = run.getPreviousPins();
        if (pins == null) {
            return List.of("not known: its pins do not fit into the event");
        }
        if (previous == null) {
            return List.of("the first run, or the first whose predecessor's pins are not known");
        }
        Map<String, ViewPin> before =
                previous.getViews().stream().collect(Collectors.toMap(ViewPin::getAlias, pin -> pin, (one, _) -> one));
        List<String> causes = new ArrayList<>();
        for (ViewPin pin : pins.getViews()) {
            causes.addAll(differences(pin, before.get(pin.getAlias())));
        }
        return causes.isEmpty()
                ? List.of("nothing that it reads has changed: its definition did, or the run before it failed")
                : causes;
    }

    private List<String> differences(ViewPin pin, @Nullable ViewPin before) {
        String view = pin.getAlias();
        if (before == null) {
            return List.of("%s is read for the first time".formatted(view));
        }
        List<String> differences = new ArrayList<>();
        if (!pin.getDefinition()
                .getDefinitionDigest()
                .equals(before.getDefinition().getDefinitionDigest())) {
            differences.add("%s was changed to version %d"
                    .formatted(view, pin.getDefinition().getVersion()));
        }
        String table = table(pin.getDefinition().getSource());
        if (!pin.getTableUuid().equals(before.getTableUuid())) {
            differences.add("%s reads another table: %s was replaced".formatted(view, table));
        } else if (!Objects.equals(pin.getSnapshotId(), before.getSnapshotId())) {
            differences.addAll(commits(view, table, pin.getSnapshotId(), before.getSnapshotId()));
        }
        return differences;
    }

    /// The commits from one snapshot to another, newest first, as far back as they are known.
    private List<String> commits(String view, String table, @Nullable Long to, @Nullable Long from) {
        List<String> found = new ArrayList<>();
        Set<Snapshot> seen = new HashSet<>();
        Snapshot at = new Snapshot(table, to);
        while (!Objects.equals(at.id(), from) && seen.add(at)) {
            TableCommit commit = commits.get(at);
            if (commit == null) {
                break;
            }
            found.add("%s: %s to %s, snapshot %s after %s, committed at %s"
                    .formatted(
                            view,
                            commit.getKind(),
                            table,
                            commit.getSnapshotId(),
                            commit.getPreviousSnapshotId(),
                            commit.getCommittedAt()));
            at = new Snapshot(table, commit.getPreviousSnapshotId());
        }
        return found.isEmpty() ? List.of("%s: %s is at snapshot %s after %s".formatted(view, table, to, from)) : found;
    }

    private static String table(ResolvedSource source) {
        return "%s.%s.%s".formatted(source.getCatalog(), source.getSchema$(), source.getTableName());
    }
}
