package dev.firn.registration.view;

import dev.firn.events.FeatureView;
import dev.firn.events.ResolvedColumn;
import dev.firn.events.ResolvedSource;
import dev.firn.events.ViewStatus;
import dev.firn.events.Violation;
import dev.firn.lake.catalog.BoundColumn;
import dev.firn.lake.catalog.ColumnRole;
import dev.firn.lake.catalog.Dtype;
import dev.firn.lake.catalog.SchemaFit;
import dev.firn.registration.command.KnownState;
import dev.firn.registration.command.TableLook;
import dev.firn.registration.validation.DataPath;
import dev.firn.registration.validation.DidYouMean;
import dev.firn.schemas.Code;
import dev.firn.schemas.Limits;
import dev.firn.service.event.EventSize;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.iceberg.Schema;
import org.jspecify.annotations.Nullable;

/// Updates a view's record to what a look at its table showed. Pure.
///
/// In the same table, columns follow by field id. In a table that replaced it, they are resolved by name and
/// type again. Columns that are not found there lose their field id, which must never be applied to another
/// table. They alone are looked up by name from then on, until they are found.
public final class ViewRefresh {
    /// The field of the reason why a view is broken whose table or ref is missing.
    private static final String MISSING_TABLE = "source.table_name";

    private ViewRefresh() {}

    /// Whether the look was at another ref, or compared with another state than the record's. The table's task was then
    /// told about the record when it was written, and looks again.
    public static boolean isStale(FeatureView record, TableLook look) {
        return !Objects.equals(look.ref(), record.getSource().getRef())
                || !look.before().equals(KnownState.of(record));
    }

    /// Whether the record cannot follow without the schema: the columns may have changed, or its table was missing, so
    /// that it is not known whether they fit.
    public static boolean needsSchema(FeatureView record, TableLook.Present look) {
        return look.changesSchema()
                || record.getReasons().stream()
                        .anyMatch(reason -> reason.getField().equals(MISSING_TABLE));
    }

    /// @param schema of the ref; null if the record does not need it
    /// @return the record to write; null to keep the current one, also if the look is stale
    public static @Nullable FeatureView refreshed(
            FeatureView record, TableLook look, @Nullable Schema schema, Instant now) {
        if (isStale(record, look)) {
            return null;
        }
        FeatureView moved =
                switch (look) {
                    case TableLook.Missing missing -> broken(record, missing);
                    case TableLook.Present present ->
                        limited(
                                record,
                                present,
                                schema == null ? advanced(record, present) : moved(record, present, schema));
                };
        return moved.equals(record)
                ? null
                : FeatureView.newBuilder(moved).setUpdatedAt(now).build();
    }

    private static FeatureView broken(FeatureView record, TableLook.Missing look) {
        Code code = Code.of(look.code()).orElse(Code.TABLE_NOT_FOUND); // of a newer version
        Violation reason = code.violation(MISSING_TABLE, look.message());
        return FeatureView.newBuilder(record)
                .setStatus(ViewStatus.BROKEN)
                .setReasons(List.of(reason))
                .build();
    }

    /// Nested types of the table can grow until the view's record is too large for an event. The view is then
    /// broken, with its old columns at the table's new state, and follows again once the table is smaller.
    private static FeatureView limited(FeatureView record, TableLook.Present look, FeatureView moved) {
        if (EventSize.fits(moved)) {
            return moved;
        }
        boolean byName = look.replacesTable();
        ResolvedSource source = moved.getSource();
        return FeatureView.newBuilder(record)
                .setStatus(ViewStatus.BROKEN)
                .setReasons(List.of(Code.VIEW_TOO_LARGE.violation(
                        "",
                        "with the table's current columns, the view has %d bytes; the limit is %d"
                                .formatted(EventSize.of(moved), Limits.EVENT_BYTES))))
                .setEntities(all(ColumnRole.KEY, record.getEntities(), Map.of(), byName))
                .setFeatures(all(ColumnRole.FEATURE, record.getFeatures(), Map.of(), byName))
                .setSource(ResolvedSource.newBuilder(source)
                        .setTimestamp(
                                one(ColumnRole.TIMESTAMP, record.getSource().getTimestamp(), Map.of(), byName))
                        .setCreatedTimestamp(
                                record.getSource().getCreatedTimestamp() == null
                                        ? null
                                        : one(
                                                ColumnRole.CREATED,
                                                record.getSource().getCreatedTimestamp(),
                                                Map.of(),
                                                byName))
                        .build())
                .build();
    }

    /// With the same columns, which fit or do not fit as before.
    private static FeatureView advanced(FeatureView record, TableLook.Present look) {
        return FeatureView.newBuilder(record)
                .setSource(source(record.getSource(), look).build())
                .build();
    }

    private static ResolvedSource.Builder source(ResolvedSource source, TableLook.Present look) {
        return ResolvedSource.newBuilder(source)
                .setTableUuid(look.now().tableUuid())
                .setSchemaId(look.now().schemaId())
                .setSnapshotId(look.now().snapshotId())
                .setContentSnapshotId(look.now().contentSnapshotId())
                .setMetadataLocation(look.metadataLocation())
                .setDataPath(dataPath(source, look))
                .setLocation(look.location());
    }

    private static FeatureView moved(FeatureView record, TableLook.Present look, Schema schema) {
        List<BoundColumn> columns = columns(record);
        boolean byName = look.replacesTable();
        SchemaFit fit = byName ? SchemaFit.byName(columns, schema) : SchemaFit.byFieldId(columns, schema);
        Map<Place, BoundColumn> found = new HashMap<>();
        fit.columns().forEach(column -> found.put(new Place(column.role(), column.name()), column));
        ResolvedSource source = record.getSource();
        ResolvedColumn created = source.getCreatedTimestamp();
        return FeatureView.newBuilder(record)
                .setStatus(fit.fits() ? ViewStatus.ACTIVE : ViewStatus.BROKEN)
                .setReasons(reasons(record, fit))
                .setEntities(all(ColumnRole.KEY, record.getEntities(), found, byName))
                .setFeatures(all(ColumnRole.FEATURE, record.getFeatures(), found, byName))
                .setSource(source(source, look)
                        .setTimestamp(one(ColumnRole.TIMESTAMP, source.getTimestamp(), found, byName))
                        .setCreatedTimestamp(created == null ? null : one(ColumnRole.CREATED, created, found, byName))
                        .build())
                .build();
    }

    /// The path of another table is derived from its location; only people read it.
    private static String dataPath(ResolvedSource source, TableLook.Present look) {
        return source.getLocation().equals(look.location()) ? source.getDataPath() : DataPath.of(null, look.location());
    }

    private record Place(ColumnRole role, String name) {}

    private static List<BoundColumn> columns(FeatureView record) {
        List<BoundColumn> columns = new ArrayList<>();
        record.getEntities().forEach(column -> columns.add(bound(ColumnRole.KEY, column)));
        record.getFeatures().forEach(column -> columns.add(bound(ColumnRole.FEATURE, column)));
        columns.add(bound(ColumnRole.TIMESTAMP, record.getSource().getTimestamp()));
        ResolvedColumn created = record.getSource().getCreatedTimestamp();
        if (created != null) {
            columns.add(bound(ColumnRole.CREATED, created));
        }
        return columns;
    }

    private static BoundColumn bound(ColumnRole role, ResolvedColumn column) {
        return new BoundColumn(
                role,
                column.getName(),
                column.getColumn(),
                column.getFieldId(),
                column.getType(),
                role == ColumnRole.FEATURE ? Dtype.parse(column.getDtype()) : null);
    }

    private static List<ResolvedColumn> all(
            ColumnRole role, List<ResolvedColumn> columns, Map<Place, BoundColumn> found, boolean byName) {
        return columns.stream().map(column -> one(role, column, found, byName)).toList();
    }

    private static ResolvedColumn one(
            ColumnRole role, ResolvedColumn column, Map<Place, BoundColumn> found, boolean byName) {
        BoundColumn now = found.get(new Place(role, column.getName()));
        if (now == null) {
            return byName
                    ? ResolvedColumn.newBuilder(column)
                            .setFieldId(BoundColumn.NO_FIELD_ID)
                            .build()
                    : column;
        }
        return ResolvedColumn.newBuilder(column)
                .setColumn(now.column())
                .setFieldId(now.fieldId())
                .setType(now.type())
                .build();
    }

    private static List<Violation> reasons(FeatureView record, SchemaFit fit) {
        List<Violation> reasons = fit.reasons().stream()
                .map(reason -> EventSize.shortened(DidYouMean.violation(
                        Code.valueOf(reason.code().name()),
                        field(record, reason),
                        reason.message(),
                        reason.suggestion())))
                .toList();
        return EventSize.listed(reasons, Code.MORE_REASONS, "%d more reasons are not listed");
    }

    private static String field(FeatureView record, SchemaFit.Reason reason) {
        return switch (reason.role()) {
            case KEY -> "entities[%d]".formatted(index(record.getEntities(), reason.name()));
            case FEATURE -> "features[%d]".formatted(index(record.getFeatures(), reason.name()));
            case TIMESTAMP -> "source.timestamp_field";
            case CREATED -> "source.created_timestamp_field";
        };
    }

    private static int index(List<ResolvedColumn> columns, String name) {
        return columns.stream().map(ResolvedColumn::getName).toList().indexOf(name);
    }
}
