package dev.firn.retrieval.job;

import dev.firn.retrieval.job.CheckedRequest.AskedFeature;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types.NestedField;

/// The columns of a result (docs/semantics.md rules 10 and 11): the spine's as they are, the features in request order
/// with their tables' types, then the extras. Field ids are reassigned.
final class OutputSchema {
    private OutputSchema() {}

    static Schema of(CheckedRequest request, List<BoundView> views, Schema spine) {
        AtomicInteger lastId = new AtomicInteger();
        List<NestedField> fields = new ArrayList<>();
        spine.columns().forEach(field -> fields.add(fresh(lastId, field.name(), field.type())));
        for (AskedFeature feature : request.features()) {
            Map<Integer, NestedField> columns = views.get(feature.view()).features();
            NestedField column = columns.get(feature.feature());
            if (column == null) {
                throw new IllegalStateException("feature " + feature.reference() + " was not bound");
            }
            fields.add(fresh(lastId, feature.name(), column.type()));
        }
        if (request.request().getIncludeEventTimestamps()) {
            views.forEach(view -> fields.add(fresh(
                    lastId,
                    OutputNames.eventTimestamp(view.use()),
                    view.timestamp().type())));
        }
        return new Schema(fields);
    }

    private static NestedField fresh(AtomicInteger lastId, String name, Type type) {
        int id = lastId.incrementAndGet();
        return NestedField.optional(id, name, TypeUtil.assignFreshIds(type, lastId::incrementAndGet));
    }
}
