package dev.firn.retrieval.job;

import dev.firn.engine.TimeScale;
import dev.firn.events.FeatureView;
import dev.firn.events.Pins;
import dev.firn.events.ResolvedColumn;
import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import dev.firn.events.ViewPin;
import dev.firn.events.ViewStatus;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.TableName;
import dev.firn.lake.catalog.BoundColumn;
import dev.firn.lake.catalog.Catalogs;
import dev.firn.lake.catalog.ColumnRole;
import dev.firn.lake.catalog.Dtype;
import dev.firn.lake.catalog.LakeTable;
import dev.firn.lake.catalog.PinnedTable;
import dev.firn.lake.catalog.SchemaFit;
import dev.firn.lake.catalog.SnapshotChoice;
import dev.firn.lake.catalog.SnapshotPin;
import dev.firn.lake.scan.FeatureColumns;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/// Fixes every table of a request before a byte of data is read: each is loaded once, so that all its snapshots
/// come from one look at the catalog, and the views' columns are found in what was fixed.
final class Pinning {
    private final Catalogs catalogs;
    private final CheckedRequest request;
    private final Violations violations = new Violations();
    private final Map<TableName, LakeTable> loaded = new HashMap<>();

    private Pinning(Catalogs catalogs, CheckedRequest request) {
        this.catalogs = catalogs;
        this.request = request;
    }

    /// @param spineTable the table that is the spine; null when the spine is none
    record Pinned(List<BoundView> views, @Nullable PinnedTable spineTable) {
        Pinned {
            views = List.copyOf(views);
        }
    }

    /// @throws RetrievalRejected with everything that stands against it
    static Pinned take(Catalogs catalogs, CheckedRequest request) {
        return new Pinning(catalogs, request).take();
    }

    private Pinned take() {
        List<BoundView> views = new ArrayList<>();
        for (int i = 0; i < request.views().size(); i++) {
            UsedView use = request.views().get(i);
            try {
                BoundView view = bind(use, i, pinned(use));
                if (view != null) {
                    views.add(view);
                }
            } catch (LakeRejection rejection) {
                violations.add(rejection, use.field());
            }
        }
        Pinned pinned = new Pinned(views, spineTable());
        Retention.check(request.request(), pinned, catalogs, violations);
        violations.throwIfAny();
        return pinned;
    }

    private PinnedTable pinned(UsedView use) {
        ViewPin pin = use.pin();
        TableName name = tableName(use.definition());
        LakeTable table = load(name);
        if (pin != null) {
            return catalogs.open(
                    table,
                    new SnapshotPin(
                            name,
                            pin.getTableUuid(),
                            pin.getSnapshotId(),
                            pin.getSchemaId(),
                            pin.getMetadataLocation()));
        }
        refuseBroken(use, table);
        return catalogs.open(table, table.pin(choice(use)));
    }

    private LakeTable load(TableName name) {
        return loaded.computeIfAbsent(name, catalogs::load);
    }

    private static SnapshotChoice choice(UsedView use) {
        if (use.snapshotId() != null) {
            return new SnapshotChoice.ById(use.snapshotId());
        }
        if (use.snapshotAsOf() != null) {
            return new SnapshotChoice.AsOf(use.snapshotAsOf());
        }
        return new SnapshotChoice.Head(ref(use));
    }

    private static @Nullable String ref(UsedView use) {
        return use.ref() == null ? use.definition().getSource().getRef() : use.ref();
    }

    /// A branch moves on: a broken view must not be read at one.
    private void refuseBroken(UsedView use, LakeTable table) {
        if (use.definition().getStatus() == ViewStatus.BROKEN
                && use.snapshotId() == null
                && use.snapshotAsOf() == null) {
            SnapshotRef ref = use.ref() == null ? null : table.iceberg().refs().get(use.ref());
            if (ref == null || !ref.isTag()) {
                violations.add(
                        Code.VIEW_BROKEN,
                        use.field(),
                        "View '%s' no longer fits its table; '%s' is no tag, and it can be read at an explicit older snapshot, tag or time only."
                                .formatted(use.definition().getName(), use.ref()));
            }
        }
    }

    private @Nullable BoundView bind(UsedView use, int view, PinnedTable table) {
        FeatureView definition = use.definition();
        Set<Integer> asked = new TreeSet<>();
        request.features().stream()
                .filter(feature -> feature.view() == view)
                .forEach(feature -> asked.add(feature.feature()));
        List<BoundColumn> columns = columns(definition, asked);
        boolean sameTable =
                table.pin().tableUuid().equals(definition.getSource().getTableUuid());
        SchemaFit fit =
                sameTable ? SchemaFit.byFieldId(columns, table.schema()) : SchemaFit.byName(columns, table.schema());
        if (!fit.fits()) {
            fit.reasons()
                    .forEach(reason -> violations.add(
                            Code.VIEW_BROKEN,
                            use.field(),
                            "View '%s' does not fit [%s snapshot %s]: %s."
                                    .formatted(
                                            definition.getName(),
                                            table.pin().table(),
                                            table.pin().snapshotId(),
                                            reason.message()),
                            reason.suggestion()));
            return null;
        }
        return bound(use, table, fit.columns(), asked);
    }

    private static BoundView bound(UsedView use, PinnedTable table, List<BoundColumn> columns, Set<Integer> asked) {
        List<Integer> keyIds = new ArrayList<>();
        List<Type> keyTypes = new ArrayList<>();
        Map<Integer, NestedField> features = new HashMap<>();
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
            throw new IllegalStateException("a view without a timestamp");
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
                features);
    }

    private static TimeScale scale(NestedField field) {
        return SpineTime.scale(field.type()).orElseThrow();
    }

    /// Keys, then timestamps, then the features asked for in the order of the definition.
    private static List<BoundColumn> columns(FeatureView view, Set<Integer> asked) {
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

    private @Nullable PinnedTable spineTable() {
        Spine spine = request.request().getSpine();
        String text = spine.getTable();
        if (spine.getKind() != SpineKind.TABLE || text == null) {
            return null;
        }
        try {
            TableName name = TableName.parse(text);
            LakeTable table = load(name);
            if (spine.getSnapshotId() != null && spine.getRef() != null) {
                violations.add(Code.SNAPSHOT_CONFLICT, "spine", "The spine has both ref and snapshot_id; give one.");
            }
            SnapshotChoice choice = spine.getSnapshotId() == null
                    ? new SnapshotChoice.Head(spine.getRef())
                    : new SnapshotChoice.ById(spine.getSnapshotId());
            Pins pins = request.pins();
            return catalogs.open(table, pins == null ? table.pin(choice) : pinnedSpine(table, choice, pins));
        } catch (LakeRejection rejection) {
            violations.add(rejection, "spine.table");
        } catch (IllegalArgumentException e) {
            violations.add(Code.SPINE_INCOMPLETE, "spine.table", String.valueOf(e.getMessage()));
        }
        return null;
    }

    /// The same choice, made in the metadata of the first time: it finds the same schema too. Where that
    /// metadata is gone the snapshot may still be listed. A spine that had no snapshot stays empty. Pins that say
    /// nothing of a spine leave the choice free.
    private SnapshotPin pinnedSpine(LakeTable table, SnapshotChoice choice, Pins pins) {
        Long snapshotId = pins.getSpineSnapshotId();
        String metadataLocation = pins.getSpineMetadataLocation();
        if (metadataLocation == null) {
            return table.pin(snapshotId == null ? choice : new SnapshotChoice.ById(snapshotId));
        }
        LakeTable then = table;
        try {
            then = catalogs.at(table, metadataLocation);
            SnapshotPin chosen = then.pin(choice);
            if (Objects.equals(chosen.snapshotId(), snapshotId)) {
                return chosen;
            }
        } catch (LakeRejection gone) {
            then = table;
        }
        return snapshotId == null ? empty(then.pin(choice)) : then.pin(new SnapshotChoice.ById(snapshotId));
    }

    private static SnapshotPin empty(SnapshotPin pin) {
        return new SnapshotPin(pin.table(), pin.tableUuid(), null, pin.schemaId(), pin.metadataLocation());
    }

    private static TableName tableName(FeatureView view) {
        var source = view.getSource();
        return new TableName(source.getCatalog(), source.getSchema$(), source.getTableName());
    }
}
