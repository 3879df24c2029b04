package dev.firn.retrieval.job;

import dev.firn.engine.TimeBounds;
import dev.firn.lake.scan.FeatureColumns;
import dev.firn.lake.scan.ScanBounds;
import dev.firn.retrieval.job.CollectedKeys.Source;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.Schema;

/// The spine without rows (docs/semantics.md rule 12): every entity that has a candidate at T in any view, in Iceberg's
/// sort order of the key.
final class AllEntities {
    private AllEntities() {}

    static SpineOpening.Opened open(CheckedRequest request, List<BoundView> views, CollectedKeys.Means means) {
        SameKeys keys = SameKeys.of(views);
        Schema schema = new Schema(keys.fields());
        OutputNames.checkAll(request, schema);
        CollectedKeys rows = new CollectedKeys(schema, sources(request, views, keys), means);
        return new SpineOpening.Opened(rows, -1, ZoneOffset.UTC, keys.sources(), Map.of());
    }

    /// The entities of some rows of the views' tables.
    static CollectedKeys of(
            CheckedRequest request, List<BoundView> views, CollectedKeys.Means means, CollectedKeys.Reading reading) {
        SameKeys keys = SameKeys.of(views);
        return new CollectedKeys(new Schema(keys.fields()), sources(request, views, keys), means, reading);
    }

    private static List<Source> sources(CheckedRequest request, List<BoundView> views, SameKeys keys) {
        SpineTime time = SpineTime.constant(request.asOf(), 1);
        List<Source> sources = new ArrayList<>();
        for (int v = 0; v < views.size(); v++) {
            FeatureColumns columns = keys.columns().get(v);
            if (columns == null) {
                continue;
            }
            TimeBounds at =
                    SliceJoin.timeBounds(views.get(v), time, request.request().getFilterByCreated());
            sources.add(new Source(
                    views.get(v),
                    columns,
                    at.nulls().isNull(0) ? null : ScanBounds.ofTimes(at.earliest()[0], at.latest()[0]),
                    collector -> collector.intake(at)));
        }
        return sources;
    }
}
