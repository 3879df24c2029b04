package dev.firn.lake.targets;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.util.SnapshotUtil;
import org.jspecify.annotations.Nullable;

/// Which runs a table holds, by its snapshots and by what its properties say of the last run. The properties also tell
/// when snapshots have expired, or when someone has rolled the table back.
///
/// @param ancestry of the current snapshot, the newest first
record TargetHistory(List<Entry> ancestry, Entry last) {
    static final String OWNER = "firn.owner";
    static final String REQUEST = "firn.request-id";
    static final String RUN = "firn.run";
    static final String RESULT = "firn.result";
    static final String COPY = "firn.copy";

    /// What a snapshot's summary, or the table's properties, say of a run.
    private record Entry(Optional<Long> snapshotId, Map<String, String> text) {
        boolean isOf(TargetRun run) {
            return run.result().equals(text.get(RESULT));
        }

        boolean isLaterThan(TargetRun run) {
            OptionalLong number = number(text.get(RUN));
            return number.isPresent() && number.getAsLong() > run.number();
        }

        private static OptionalLong number(@Nullable String text) {
            try {
                return text == null ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(text));
            } catch (NumberFormatException foreign) {
                return OptionalLong.empty();
            }
        }
    }

    static TargetHistory of(Table table) {
        return of(SnapshotUtil.currentAncestors(table), table.properties());
    }

    static TargetHistory of(Iterable<Snapshot> ancestry, Map<String, String> properties) {
        return new TargetHistory(
                StreamSupport.stream(ancestry.spliterator(), false)
                        .map(snapshot -> new Entry(Optional.of(snapshot.snapshotId()), snapshot.summary()))
                        .toList(),
                new Entry(Optional.empty(), properties));
    }

    /// What every snapshot of a run says, and the table's properties of the last one.
    static Map<String, String> marks(TargetRun run, String copy) {
        return Map.of(REQUEST, run.requestId(), RUN, Long.toString(run.number()), RESULT, run.result(), COPY, copy);
    }

    /// How the table stands to the run; empty if it may be committed.
    Optional<Written> find(TargetRun run) {
        return entry(run)
                .<Written>map(mine -> new Written.Committed(mine.snapshotId()))
                .or(() -> later(run)
                        .map(later -> new Written.Superseded(later.text().getOrDefault(REQUEST, "a later run"))));
    }

    /// The folders of the copies of the run that the table names, in its properties or in a snapshot of any branch or
    /// tag.
    static Set<String> copies(Table table, TargetRun run) {
        return Stream.concat(
                        Stream.of(table.properties()),
                        StreamSupport.stream(table.snapshots().spliterator(), false)
                                .map(Snapshot::summary))
                .filter(text -> run.result().equals(text.get(RESULT)))
                .flatMap(text -> Stream.ofNullable(text.get(COPY)))
                .collect(Collectors.toUnmodifiableSet());
    }

    private Optional<Entry> entry(TargetRun run) {
        return ancestry.stream()
                .filter(entry -> entry.isOf(run))
                .findFirst()
                .or(() -> last.isOf(run) ? Optional.of(last) : Optional.empty());
    }

    private Optional<Entry> later(TargetRun run) {
        return ancestry.stream()
                .filter(entry -> entry.isLaterThan(run))
                .findFirst()
                .or(() -> last.isLaterThan(run) ? Optional.of(last) : Optional.empty());
    }
}
