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

/// Keeps the snapshots that a request reads, where it asks for that: a tag `firn-<request id>-<snapshot id>` on
/// each, put before the first byte is read, so that they cannot expire during the read either.
///
/// Tags stay whatever becomes of the attempt: another one of the same request finds them, and finds other
/// snapshots only when the tables moved on meanwhile.
final class Retention {
    private static final String FIELD = "retain";

    private Retention() {}

    /// Notes each table in whose catalog nothing may be kept.
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
    /// @param age how long the snapshots are kept; null: until somebody removes the tags
    /// @throws RetrievalRejected when a snapshot cannot be kept
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

    /// One per snapshot: views that share a table share its pin. A table without a snapshot has nothing to keep.
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
