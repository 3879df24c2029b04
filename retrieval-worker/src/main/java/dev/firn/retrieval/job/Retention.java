package dev.firn.retrieval.job;

import dev.firn.events.RetrievalRequest;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.catalog.Catalogs;
import dev.firn.lake.catalog.PinnedTable;
import dev.firn.lake.catalog.SnapshotPin;
import dev.firn.retrieval.job.Pinning.Pinned;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Keeps the snapshots that a request with `retain` reads: each gets a tag `firn-<request id>-<snapshot id>` before any
/// data is read, so that it cannot expire during the read either.
///
/// Tags stay even if the attempt fails. Another attempt of the request finds them, unless the tables have moved on to
/// other snapshots.
final class Retention {
    private static final String FIELD = "retain";

    private Retention() {}

    /// Notes each table whose catalog does not allow tags.
    static void check(RetrievalRequest request, Pinned pinned, Catalogs catalogs, Violations violations) {
        for (SnapshotPin pin : pins(request, pinned)) {
            try {
                catalogs.access().checkRetain(pin.table());
            } catch (LakeRejection rejection) {
                violations.add(rejection, FIELD);
            }
        }
    }

    /// @param now the request's time, from which `age` counts
    /// @param age how long the tags keep the snapshots; null keeps them until someone removes the tags
    /// @throws RetrievalRejected if a snapshot cannot be kept
    static void keep(RetrievalRequest request, Pinned pinned, Catalogs catalogs, Instant now, @Nullable Duration age) {
        for (SnapshotPin pin : pins(request, pinned)) {
            try {
                catalogs.retain(
                        pin,
                        "firn-%s-%d".formatted(request.getRequestId(), pin.snapshotId()),
                        age == null ? null : now.plus(age));
            } catch (LakeRejection rejection) {
                throw RetrievalRejected.of(rejection, FIELD);
            }
        }
    }

    /// One pin per snapshot: views that share a table share its pin. A table without a snapshot has nothing to keep.
    private static Set<SnapshotPin> pins(RetrievalRequest request, Pinned pinned) {
        Set<SnapshotPin> pins = new LinkedHashSet<>();
        if (request.getRetain()) {
            Stream.concat(pinned.views().stream().map(BoundView::table), Stream.ofNullable(pinned.spineTable()))
                    .map(PinnedTable::pin)
                    .filter(pin -> pin.snapshotId() != null)
                    .forEach(pins::add);
        }
        return pins;
    }
}
