package dev.firn.retrieval.job;

import dev.firn.engine.Column;
import dev.firn.engine.EntityCollector;
import dev.firn.engine.FeatureBatch;
import dev.firn.engine.TimeBounds;
import dev.firn.engine.TimeConversion;
import dev.firn.engine.TimeScale;
import dev.firn.engine.VisibleInstants;
import dev.firn.lake.scan.FeatureColumns;
import dev.firn.lake.scan.ScanBounds;
import dev.firn.retrieval.job.CollectedKeys.Source;
import dev.firn.schemas.Code;
import dev.firn.schemas.Micros;
import dev.firn.service.spine.SpineSource;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/// The spine by range (docs/semantics.md rule 12): one row for each key and instant at which a row of one of the views
/// becomes visible, sorted by key, then time. A state does not end by its TTL here: the join decides on that.
final class VisibleStates {
    private static final long NANOS_PER_MICRO = 1_000;

    private final List<BoundView> views;
    private final boolean filterByCreated;
    private final TimeScale scale;
    private final @Nullable Instant start;
    private final Instant end;

    private VisibleStates(CheckedRequest request, SpineSource.Range range, List<BoundView> views) {
        this.views = views;
        this.filterByCreated = request.request().getFilterByCreated();
        this.start = range.start();
        this.end = range.end() == null ? request.asOf() : Objects.requireNonNull(range.end());
        boolean anyNanos = views.stream()
                .flatMap(view -> Stream.of(view.scale(), createdScale(view)))
                .anyMatch(TimeScale.NANOS::equals);
        this.scale = anyNanos ? TimeScale.NANOS : TimeScale.MICROS;
    }

    static SpineOpening.Opened open(
            CheckedRequest request, SpineSource.Range range, List<BoundView> views, CollectedKeys.Means means) {
        SameKeys keys = SameKeys.of(views);
        VisibleStates states = new VisibleStates(request, range, views);
        List<NestedField> fields = new ArrayList<>(keys.fields());
        int time = fields.size();
        fields.add(NestedField.optional(
                time + 1, SpineOpening.timestampColumn(request.request().getSpine()), states.type()));
        Schema schema = new Schema(fields);
        OutputNames.checkAll(request, schema);
        CollectedKeys rows = new CollectedKeys(schema, states.sources(keys), means);
        return new SpineOpening.Opened(rows, time, ZoneOffset.UTC, keys.sources(), Map.of());
    }

    private Type type() {
        return scale == TimeScale.NANOS ? Types.TimestampNanoType.withZone() : Types.TimestampType.withZone();
    }

    /// Null if created times do not filter.
    private @Nullable TimeScale createdScale(BoundView view) {
        return filterByCreated ? view.createdScale() : null;
    }

    private List<Source> sources(SameKeys keys) {
        List<Source> sources = new ArrayList<>();
        for (int v = 0; v < views.size(); v++) {
            BoundView view = views.get(v);
            FeatureColumns columns = keys.columns().get(v);
            if (columns == null) {
                continue;
            }
            TimeBounds at = bounds(view);
            VisibleInstants instants = new VisibleInstants(
                    scale,
                    view.scale(),
                    createdScale(view),
                    view.use().definition().getAvailableAfterMicros(),
                    start == null ? Long.MIN_VALUE : inScale(start),
                    inScale(end));
            sources.add(new Source(
                    view,
                    columns,
                    at.nulls().isNull(0) ? null : ScanBounds.ofTimes(at.earliest()[0], at.latest()[0]),
                    collector -> intake(view, collector.intake(at), instants)));
        }
        return sources;
    }

    /// The instant is one more key column. It is null outside of the range, and null keys are not collected.
    private EntityCollector.Intake intake(BoundView view, EntityCollector.Intake states, VisibleInstants instants) {
        return batch -> {
            List<Column> keys = new ArrayList<>(batch.keys());
            try {
                keys.add(instants.of(batch));
            } catch (ArithmeticException e) {
                throw new RetrievalRejected(
                        Code.RANGE_INVALID,
                        view.use().field(),
                        "A row of '%s' becomes visible at an instant in the range that a %s column cannot hold. Narrow the range, or ask for views with nanoseconds separately."
                                .formatted(view.use().name(), scale == TimeScale.NANOS ? "nanosecond" : "microsecond"));
            }
            states.accept(new FeatureBatch(
                    batch.size(),
                    keys,
                    batch.timestamps(),
                    batch.timestampNulls(),
                    batch.created(),
                    batch.createdNulls(),
                    0));
        };
    }

    /// The timestamps that can be in the range, rounded outwards, in the unit of the view's column.
    private TimeBounds bounds(BoundView view) {
        TimeBounds last = bounds(view, end, createdScale(view));
        if (start == null || filterByCreated) {
            return last;
        }
        TimeBounds first = bounds(view, start, null);
        return first.nulls().isNull(0) ? last : new TimeBounds(last.latest(), null, first.latest(), last.nulls());
    }

    private static TimeBounds bounds(BoundView view, Instant instant, @Nullable TimeScale created) {
        SpineTime time = SpineTime.constant(instant, 1);
        return TimeConversion.bounds(
                time.instants().values(),
                time.scale(),
                time.instants().nulls(),
                view.scale(),
                created,
                0,
                view.use().definition().getAvailableAfterMicros());
    }

    /// Saturated.
    private long inScale(Instant instant) {
        long micros = Micros.of(instant);
        if (scale == TimeScale.MICROS) {
            return micros;
        }
        long nanos = micros * NANOS_PER_MICRO;
        boolean overflows = Math.multiplyHigh(micros, NANOS_PER_MICRO) != nanos >> 63;
        return overflows ? micros < 0 ? Long.MIN_VALUE : Long.MAX_VALUE : nanos;
    }
}
