package dev.firn.retrieval.job;

import dev.firn.events.Pins;
import dev.firn.events.RetrievalRequest;
import dev.firn.service.spine.SpineSource;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A request whose views, entities and features are all resolved and whose output columns have names.
///
/// @param spine where the rows come from
/// @param views the views used, in the order of their first features
/// @param features the requested features, in the request's order
/// @param asOf T
/// @param pins what an earlier retrieval fixed; null if everything is pinned now
record CheckedRequest(
        RetrievalRequest request,
        SpineSource spine,
        List<UsedView> views,
        List<AskedFeature> features,
        Instant asOf,
        @Nullable Pins pins) {
    CheckedRequest {
        views = List.copyOf(views);
        features = List.copyOf(features);
    }

    /// One feature of the output.
    ///
    /// @param view index of its view
    /// @param feature index of the feature in the view's definition
    /// @param name the output column
    /// @param reference `view:feature`, for people
    record AskedFeature(int view, int feature, String name, String reference) {}
}
