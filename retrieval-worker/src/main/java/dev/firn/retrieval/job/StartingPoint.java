package dev.firn.retrieval.job;

import dev.firn.engine.KnownWinners;
import dev.firn.engine.TimeBounds;
import dev.firn.events.PreviousRun;
import dev.firn.events.ViewPin;
import dev.firn.lake.catalog.LakeTable;
import dev.firn.lake.catalog.PinnedTable;
import dev.firn.lake.catalog.SnapshotPin;
import dev.firn.lake.scan.Compactions;
import dev.firn.lake.scan.PassedOver;
import dev.firn.lake.scan.SnapshotDifference;
import dev.firn.lake.scan.WholeTable;
import dev.firn.retrieval.job.refresh.EarlierRun;
import dev.firn.retrieval.job.refresh.StateFile;
import dev.firn.retrieval.job.refresh.StoredColumns;
import dev.firn.retrieval.job.refresh.UnusableState;
import java.util.List;
import java.util.Objects;
import org.apache.iceberg.TableUtil;
import org.jspecify.annotations.Nullable;

/// What the previous successful run left: its winners, its result, and which snapshots it read. If the rows
/// of the run's spine are given, the first [#rows] of them are those of the previous run; others may follow
/// if the spine is a table. For one thread.
final class StartingPoint implements AutoCloseable {
    private final Refresh.Means means;
    private final Refresh.Run run;
    private final EarlierRun earlier;
    private final StateFile.Reader winners;
    private final StoredColumns result;

    /// The snapshots of a view's table.
    ///
    /// @param visibleUntil the latest event time that could be seen then, if "now" moved
    record Snapshots(
            SnapshotDifference.Snapshots tables, @Nullable Long visibleUntil) {}

    private StartingPoint(Refresh.Means means, Refresh.Run run, EarlierRun earlier) {
        this.means = means;
        this.run = run;
        this.earlier = earlier;
        var storage = means.catalogs().storage();
        this.winners = new StateFile.Reader(
                storage, earlier.state(), run.pinned().views().size(), means.tasks());
        this.result = new StoredColumns(storage, earlier.files(), run.schema(), means.tasks());
    }

    /// @param definition fingerprint of the run's definition
    /// @throws UnusableState if the run cannot start from its predecessor
    static StartingPoint find(Refresh.Means means, Refresh.Run run, String definition) {
        PreviousRun previous = run.request().request().getPreviousRun();
        if (!means.settings().incremental()) {
            throw new UnusableState("firn.refresh.incremental is off");
        } else if (!run.hasRows()) {
            throw new UnusableState("its rows are a range, or all entities of views of which one has none");
        } else if (previous == null) {
            throw new UnusableState("there is no successful run before it");
        }
        EarlierRun earlier =
                EarlierRun.read(means.catalogs().storage(), means.settings().results(), previous, definition);
        if (run.request().asOf().isBefore(earlier.pins().getAsOf())) {
            throw new UnusableState("its time went back");
        }
        requireSpine(means, run, earlier);
        return new StartingPoint(means, run, earlier);
    }

    /// The first rows must be those of the previous run.
    private static void requireSpine(Refresh.Means means, Refresh.Run run, EarlierRun earlier) {
        PinnedTable now = run.pinned().spineTable();
        if (!earlier.pins().getSpineEtags().equals(run.spine().etags())) {
            throw new UnusableState("its rows changed");
        }
        Long then = earlier.pins().getSpineSnapshotId();
        if (now == null || Objects.equals(then, now.pin().snapshotId())) {
            return;
        }
        if (then == null || now.pin().snapshotId() == null) {
            throw new UnusableState("its rows changed");
        }
        SnapshotPin pin = now.pin();
        PinnedTable before = means.catalogs()
                .open(
                        table(run, now),
                        new SnapshotPin(
                                pin.table(),
                                pin.tableUuid(),
                                then,
                                pin.schemaId(),
                                Objects.requireNonNullElse(
                                        earlier.pins().getSpineMetadataLocation(), pin.metadataLocation())));
        if (!WholeTable.onlyGrew(before, now, new WholeTable.Reading(means.scan(), means.cancelled()))) {
            throw new UnusableState("its rows changed in other ways than by new rows");
        }
    }

    private static LakeTable table(Refresh.Run run, PinnedTable pinned) {
        return Objects.requireNonNull(run.pinned().tables().get(pinned.pin().table()));
    }

    /// The rows of the previous run.
    long rows() {
        return earlier.state().rows();
    }

    /// The winners of the next rows, of each view.
    List<KnownWinners> nextWinners(int rows) {
        return winners.next(rows);
    }

    StoredColumns result() {
        return result;
    }

    /// Bytes of the state that were read so far.
    long stateBytesRead() {
        return winners.bytesRead();
    }

    /// The snapshots of a view's table, then and now.
    ///
    /// @throws UnusableState if the view's changes cannot be told from them
    Snapshots snapshots(BoundView view) {
        ViewPin pin = earlier.pins().getViews().stream()
                .filter(one -> one.getAlias().equals(view.use().name()))
                .findFirst()
                .orElseThrow(() -> new UnusableState("the previous run has no pin of the view"));
        LakeTable table = table(run, view.table());
        PinnedTable then = means.catalogs()
                .open(
                        table,
                        new SnapshotPin(
                                table.name(),
                                pin.getTableUuid(),
                                pin.getSnapshotId(),
                                pin.getSchemaId(),
                                pin.getMetadataLocation()));
        if (TableUtil.formatVersion(view.table().iceberg()) < 2 || TableUtil.formatVersion(then.iceberg()) < 2) {
            throw new UnusableState("a table of format version 1 has no sequence numbers");
        }
        Long visibleUntil = visibleUntil(view);
        PassedOver passedOver = Compactions.between(table, then, view.table(), means.scan(), means.cancelled());
        return new Snapshots(new SnapshotDifference.Snapshots(then, view.table(), passedOver), visibleUntil);
    }

    /// Null if the rows have times of their own, or T did not move.
    private @Nullable Long visibleUntil(BoundView view) {
        if (run.spine().timestamp() >= 0
                || earlier.pins().getAsOf().equals(run.request().asOf())) {
            return null;
        }
        boolean filters = run.request().request().getFilterByCreated();
        if (filters) {
            throw new UnusableState("'now' moved, and created times filter");
        }
        TimeBounds then =
                SliceJoin.timeBounds(view, SpineTime.constant(earlier.pins().getAsOf(), 1), filters);
        return then.nulls().isNull(0) ? (Long) Long.MIN_VALUE : (Long) then.latest()[0];
    }

    @Override
    public void close() {
        winners.close();
        result.close();
    }
}
