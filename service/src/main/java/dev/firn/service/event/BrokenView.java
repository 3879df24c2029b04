package dev.firn.service.event;

import dev.firn.events.FeatureView;
import dev.firn.events.ViewStatus;
import dev.firn.schemas.Code;

/// How much of a broken view is broken.
public final class BrokenView {
    private static final String FEATURES = "features[";

    private BrokenView() {}

    /// Whether no feature of the view can be read at the table's current state: its table, a key or a timestamp does
    /// not fit. If only features are broken, the others are still read (docs/semantics.md rule 13).
    public static boolean isWhole(FeatureView view) {
        return view.getStatus() == ViewStatus.BROKEN
                && (view.getReasons().isEmpty()
                        || view.getReasons().stream()
                                .anyMatch(reason -> !reason.getField().startsWith(FEATURES)
                                        && !reason.getCode().equals(Code.MORE_REASONS.name())));
    }
}
