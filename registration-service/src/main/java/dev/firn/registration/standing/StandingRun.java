package dev.firn.registration.standing;

import dev.firn.events.FeatureView;
import dev.firn.events.Pins;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.StandingRetrieval;
import dev.firn.events.ViewPin;
import dev.firn.events.ViewUse;
import dev.firn.registration.command.KnownState;
import dev.firn.registration.standing.StandingEntry.SubscribedView;
import dev.firn.schemas.Ids;
import dev.firn.schemas.RequestDigest;
import dev.firn.service.event.EventSize;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Builds the runs of a standing retrieval.
final class StandingRun {
    private static final int DIGEST_CHARACTERS = 16;

    private StandingRun() {}

    /// Views by alias, in the order in which the features name them.
    static Map<String, String> viewsByAlias(RetrievalRequest retrieval) {
        Map<String, String> views = new HashMap<>();
        for (ViewUse use : retrieval.getViews()) {
            String alias = use.getAlias();
            views.put(alias == null ? use.getView() : alias, use.getView());
        }
        Map<String, String> ordered = new LinkedHashMap<>();
        for (String feature : retrieval.getFeatures()) {
            int colon = feature.indexOf(':');
            if (colon > 0) {
                String alias = feature.substring(0, colon);
                ordered.put(alias, views.getOrDefault(alias, alias));
            }
        }
        return ordered;
    }

    /// The views to subscribe to. Names that no view can have are left out: the run reports them.
    static Set<String> views(RetrievalRequest retrieval) {
        return viewsByAlias(retrieval).values().stream()
                .filter(Ids::isViewName)
                .collect(Collectors.toUnmodifiableSet());
    }

    /// The next run.
    ///
    /// Its id is the standing id, the number of the run, and a digest of the pins and the definition. A run that
    /// returns to the pins of an earlier one, after a rollback, has another number and so another id.
    static RetrievalRequest next(StandingRetrieval standing, StandingEntry entry, Instant now) {
        RetrievalRequest retrieval = standing.getRetrieval();
        Pins pins = pins(retrieval, entry, now);
        long run = standing.getRuns() + 1;
        String pinsDigest = pins == null ? "unpinned" : RequestDigest.of(timeless(pins));
        String digest = "%s %s %d".formatted(pinsDigest, standing.getRequestId(), standing.getVersion());
        return EventSize.fitted(RetrievalRequest.newBuilder(retrieval)
                .setRequestId(Ids.runId(standing.getStandingId(), run, shortDigest(digest)))
                .setPins(pins)
                .setPreviousPins(standing.getLastPins())
                .setPreviousRun(standing.getLastSuccess())
                .setStandingId(standing.getStandingId())
                .build());
    }

    /// Whether the result answers the run: it has the run's id, and the digest of the run as it was issued, or
    /// says that the id was cancelled. The id alone is public, so another request may have it too.
    static boolean isAnsweredBy(RetrievalRequest run, RetrievalResult result) {
        return run.getRequestId().equals(result.getRequestId())
                && RequestDigest.isAnsweredBy(RequestDigest.of(run), result);
    }

    /// One pin per view, from its record, and one of the spine if its table is followed. Null if a view is
    /// unknown, or if the request chooses a snapshot itself; the worker then pins. If the request has no time,
    /// the pins have the time of issue.
    private static @Nullable Pins pins(RetrievalRequest retrieval, StandingEntry entry, Instant now) {
        boolean choosesSnapshots = retrieval.getViews().stream()
                .anyMatch(use -> use.getRef() != null || use.getSnapshotId() != null || use.getSnapshotAsOf() != null);
        if (choosesSnapshots) {
            return null;
        }
        List<ViewPin> pins = new ArrayList<>();
        for (Map.Entry<String, String> use : viewsByAlias(retrieval).entrySet()) {
            FeatureView view = entry.views()
                    .getOrDefault(use.getValue(), SubscribedView.NOT_REPORTED)
                    .record();
            if (view == null) {
                return null;
            }
            pins.add(ViewPin.newBuilder()
                    .setAlias(use.getKey())
                    .setDefinition(view)
                    .setTableUuid(view.getSource().getTableUuid())
                    .setSnapshotId(view.getSource().getSnapshotId())
                    .setSchemaId(view.getSource().getSchemaId())
                    .setMetadataLocation(view.getSource().getMetadataLocation())
                    .build());
        }
        Instant asOf = retrieval.getAsOf();
        FollowedTable spine =
                new StandingInputs(retrieval).spine().flatMap(entry::table).orElse(null);
        KnownState state = spine == null ? null : spine.state();
        return Pins.newBuilder()
                .setAsOf(asOf == null ? now : asOf)
                .setViews(pins)
                .setSpineSnapshotId(state == null ? null : state.snapshotId())
                .setSpineMetadataLocation(spine == null || state == null ? null : spine.metadataLocation())
                .build();
    }

    private static Pins timeless(Pins pins) {
        return Pins.newBuilder(pins).setAsOf(Instant.EPOCH).build();
    }

    private static String shortDigest(String text) {
        return Digests.sha256Hex(text).substring(0, DIGEST_CHARACTERS);
    }
}
