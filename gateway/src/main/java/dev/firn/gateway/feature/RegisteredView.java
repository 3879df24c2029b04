package dev.firn.gateway.feature;

import dev.firn.events.FeatureView;
import dev.firn.gateway.kafka.Latest;

/// A view as the registry has it.
///
/// @param principal who asked for its version, as the header of the request said, which proves nothing; empty if the
///     header was missing
public record RegisteredView(FeatureView view, String principal) {
    static RegisteredView of(Latest.Kept<FeatureView> kept) {
        return new RegisteredView(kept.event(), kept.principal());
    }
}
