package dev.firn.retrieval.job;

import dev.firn.events.FeatureView;
import dev.firn.events.ResolvedColumn;
import dev.firn.lake.TableName;
import dev.firn.lake.catalog.ColumnRole;
import dev.firn.lake.catalog.Dtype;
import java.time.ZoneId;
import java.util.HashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.apache.iceberg.types.Types;

/// Checks the definition of a view that pins hold. Pins come from a request: unlike a record of the registry, nothing
/// has made sure that their values make sense.
final class PinnedDefinition {
    private final FeatureView view;

    private PinnedDefinition(FeatureView view) {
        this.view = view;
    }

    /// What is wrong with the definition; empty if it could be one of the registry's.
    static Optional<String> problem(FeatureView view) {
        try {
            new PinnedDefinition(view).check();
            return Optional.empty();
        } catch (RuntimeException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private void check() {
        var source = view.getSource();
        TableName ignored = new TableName(source.getCatalog(), source.getSchema$(), source.getTableName());
        if (source.getTimestampZone() != null) {
            Objects.requireNonNull(ZoneId.of(source.getTimestampZone()));
        }
        require(view.getTtlMicros() >= 0, "ttl_micros must not be negative, got " + view.getTtlMicros());
        require(
                view.getAvailableAfterMicros() >= 0,
                "available_after_micros must not be negative, got " + view.getAvailableAfterMicros());
        Set<Integer> keys = new HashSet<>();
        for (ResolvedColumn entity : view.getEntities()) {
            requireRole(ColumnRole.KEY, entity);
            require(keys.add(entity.getFieldId()), "two entities have field id " + entity.getFieldId());
        }
        requireRole(ColumnRole.TIMESTAMP, source.getTimestamp());
        if (source.getCreatedTimestamp() != null) {
            requireRole(ColumnRole.CREATED, source.getCreatedTimestamp());
        }
        view.getFeatures().forEach(feature -> Objects.requireNonNull(Dtype.parse(feature.getDtype())));
    }

    private static void requireRole(ColumnRole role, ResolvedColumn column) {
        require(
                role.accepts(Types.fromPrimitiveString(column.getType())),
                "column '%s' cannot be a %s: its type is %s".formatted(column.getColumn(), role, column.getType()));
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
