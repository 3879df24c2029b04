package dev.firn.retrieval.job;

import dev.firn.engine.TimeScale;
import dev.firn.events.FeatureView;
import dev.firn.events.ResolvedColumn;
import dev.firn.lake.catalog.BoundColumn;
import dev.firn.lake.catalog.ColumnHistory;
import dev.firn.lake.catalog.ColumnRole;
import dev.firn.lake.catalog.Dtype;
import dev.firn.lake.catalog.LakeTable;
import dev.firn.lake.catalog.PinnedTable;
import dev.firn.lake.catalog.SchemaFit;
import dev.firn.lake.scan.FeatureColumns;
import dev.firn.schemas.Code;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types.NestedField;

/// Finds the columns of a view in the table that was pinned for it. In the view's own table they are found by field
/// id, in a replaced one by name and type.
final class ViewBinding {
    private ViewBinding() {}

    /// @param asked indexes of the requested features in the view's definition
    /// @param loaded the table with its history; `table` is one of its snapshots
    /// @param violations gets what does not fit
    /// @return empty if the view does not fit. A feature whose column was added after the snapshot fits: it
    ///     is null.
    static Optional<BoundView> of(
            UsedView use, SortedSet<Integer> asked, PinnedTable table, LakeTable loaded, Violations violations) {
        FeatureView definition = use.definition();
        List<BoundColumn> columns = columns(definition, asked);
        boolean sameTable =
                table.pin().tableUuid().equals(definition.getSource().getTableUuid());
        SchemaFit fit =
                sameTable ? SchemaFit.byFieldId(columns, table.schema()) : SchemaFit.byName(columns, table.schema());
        ColumnHistory history = new ColumnHistory(loaded, table);
        Map<Integer, NestedField> notYet = new HashMap<>();
        boolean fits = true;
        for (SchemaFit.Reason reason : fit.reasons()) {
            Optional<NestedField> later = addedLater(reason, columns, history);
            if (later.isPresent() && reason.role() == ColumnRole.FEATURE) {
                notYet.put(feature(definition, reason.name()), later.get());
                continue;
            }
            fits = false;
            violations.add(
                    Code.VIEW_BROKEN,
                    use.field(),
                    "View '%s' does not fit [%s snapshot %s]: %s."
                            .formatted(
                                    definition.getName(),
                                    table.pin().table(),
                                    table.pin().snapshotId(),
                                    later.map(field -> "column '%s' was added after the snapshot; read a newer one"
                                                    .formatted(field.name()))
                                            .orElse(reason.message())),
                    reason.suggestion());
        }
        if (!fits) {
            return Optional.empty();
        }
        SortedSet<Integer> present = new TreeSet<>(asked);
        present.removeAll(notYet.keySet());
        return Optional.of(bound(use, table, fit.columns(), present, notYet));
    }

    private static Optional<NestedField> addedLater(
            SchemaFit.Reason reason, List<BoundColumn> columns, ColumnHistory history) {
        return columns.stream()
                .filter(column -> reason.code() == SchemaFit.Code.COLUMN_DROPPED
                        && column.role() == reason.role()
                        && column.name().equals(reason.name()))
                .findFirst()
                .flatMap(column -> history.addedLater(column.fieldId(), column.type()));
    }

    /// Index of the feature in the definition.
    private static int feature(FeatureView definition, String name) {
        return definition.getFeatures().stream()
                .map(ResolvedColumn::getName)
                .toList()
                .indexOf(name);
    }

    /// @param asked the requested features that the table has
    private static BoundView bound(
            UsedView use,
            PinnedTable table,
            List<BoundColumn> columns,
            SortedSet<Integer> asked,
            Map<Integer, NestedField> notYet) {
        List<Integer> keyIds = new ArrayList<>();
        List<Type> keyTypes = new ArrayList<>();
        Map<Integer, NestedField> features = new HashMap<>(notYet);
        NestedField timestamp = null;
        NestedField created = null;
        var nextAsked = asked.iterator();
        for (BoundColumn column : columns) {
            NestedField field = table.schema().findField(column.fieldId());
            switch (column.role()) {
                case KEY -> {
                    keyIds.add(field.fieldId());
                    keyTypes.add(field.type());
                }
                case TIMESTAMP -> timestamp = field;
                case CREATED -> created = field;
                case FEATURE -> features.put(nextAsked.next(), field);
            }
        }
        if (timestamp == null) {
            throw new IllegalStateException("the view has no timestamp column");
        }
        String zone = use.definition().getSource().getTimestampZone();
        return new BoundView(
                use,
                table,
                new FeatureColumns(
                        keyIds,
                        timestamp.fieldId(),
                        created == null ? null : created.fieldId(),
                        zone == null ? null : ZoneId.of(zone)),
                keyTypes,
                timestamp,
                scale(timestamp),
                created == null ? null : scale(created),
                features,
                notYet.keySet());
    }

    private static TimeScale scale(NestedField field) {
        return SpineTime.scale(field.type()).orElseThrow();
    }

    /// Keys, then timestamps, then the requested features in the order of the definition.
    private static List<BoundColumn> columns(FeatureView view, SortedSet<Integer> asked) {
        List<BoundColumn> columns = new ArrayList<>();
        view.getEntities().forEach(entity -> columns.add(column(ColumnRole.KEY, entity)));
        columns.add(column(ColumnRole.TIMESTAMP, view.getSource().getTimestamp()));
        ResolvedColumn created = view.getSource().getCreatedTimestamp();
        if (created != null) {
            columns.add(column(ColumnRole.CREATED, created));
        }
        asked.forEach(index ->
                columns.add(column(ColumnRole.FEATURE, view.getFeatures().get(index))));
        return columns;
    }

    private static BoundColumn column(ColumnRole role, ResolvedColumn column) {
        return new BoundColumn(
                role,
                column.getName(),
                column.getColumn(),
                column.getFieldId(),
                column.getType(),
                role == ColumnRole.FEATURE ? Dtype.parse(column.getDtype()) : null);
    }
}
