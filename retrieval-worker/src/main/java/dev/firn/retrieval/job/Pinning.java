package dev.firn.retrieval.job;

import dev.firn.events.FeatureView;
import dev.firn.events.Pins;
import dev.firn.events.ViewPin;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.TableName;
import dev.firn.lake.catalog.Catalogs;
import dev.firn.lake.catalog.LakeTable;
import dev.firn.lake.catalog.PinnedTable;
import dev.firn.lake.catalog.SnapshotChoice;
import dev.firn.lake.catalog.SnapshotPin;
import dev.firn.lake.targets.TargetTables;
import dev.firn.schemas.Code;
import dev.firn.service.event.BrokenView;
import dev.firn.service.spine.SpineSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.apache.iceberg.SnapshotRef;
import org.jspecify.annotations.Nullable;

/// Pins every table of a request before any data is read; [ViewBinding] finds the views' columns in what was pinned.
/// Each table is loaded once, so all its snapshots come from one call to the catalog.
final class Pinning {
    private final Catalogs catalogs;
    private final CheckedRequest request;
    private final String namespace;
    private final Violations violations = new Violations();
    private final Map<TableName, LakeTable> loaded = new HashMap<>();
    private final List<LakeTable> followed = new ArrayList<>();

    private Pinning(Catalogs catalogs, CheckedRequest request, String namespace) {
        this.catalogs = catalogs;
        this.request = request;
        this.namespace = namespace;
    }

    /// @param spineTable the spine's table; null if the spine is not a table
    /// @param tables the tables as they were loaded
    /// @param target the target table, if it exists already
    /// @param madeFrom UUIDs of the target tables that the rows come from; only of a run with a target
    record Pinned(
            List<BoundView> views,
            @Nullable PinnedTable spineTable,
            Map<TableName, LakeTable> tables,
            Optional<TargetTables.Existing> target,
            Set<String> madeFrom) {
        Pinned {
            views = List.copyOf(views);
            tables = Map.copyOf(tables);
            madeFrom = Set.copyOf(madeFrom);
        }
    }

    /// @param namespace of the deployment, which owns target tables
    /// @throws RetrievalRejected with everything that is wrong
    static Pinned take(Catalogs catalogs, CheckedRequest request, String namespace) {
        return new Pinning(catalogs, request, namespace).take();
    }

    private Pinned take() {
        List<BoundView> views = new ArrayList<>();
        for (int i = 0; i < request.views().size(); i++) {
            UsedView use = request.views().get(i);
            if (use.readPoint() instanceof ReadPoint.AtPin) {
                Optional<String> problem = PinnedDefinition.problem(use.definition());
                if (problem.isPresent()) {
                    violations.add(
                            Code.PINS_INVALID,
                            use.field(),
                            "The pins hold no valid definition of view '%s': %s.".formatted(use.name(), problem.get()));
                    continue;
                }
            }
            try {
                PinnedTable table = pinned(use);
                ViewBinding.of(use, asked(i), table, load(table.pin().table()), violations)
                        .ifPresent(views::add);
            } catch (LakeRejection rejection) {
                violations.add(rejection, use.field());
            }
        }
        PinnedTable spineTable = spineTable();
        TargetCheck targets = new TargetCheck(catalogs, loaded.values(), followed, violations);
        Pinned pinned = new Pinned(
                views,
                spineTable,
                loaded,
                targets.existing(request.request(), namespace),
                targets.madeFrom(request.request()));
        Retention.check(request.request(), pinned, catalogs, violations);
        violations.throwIfAny();
        return pinned;
    }

    /// Indexes of the features that the request asks for, in the definition of its view.
    private SortedSet<Integer> asked(int view) {
        SortedSet<Integer> asked = new TreeSet<>();
        request.features().stream()
                .filter(feature -> feature.view() == view)
                .forEach(feature -> asked.add(feature.feature()));
        return asked;
    }

    private PinnedTable pinned(UsedView use) {
        LakeTable table = load(tableName(use.definition()));
        boolean isAtMain =
                switch (use.readPoint()) {
                    case ReadPoint.AtPin(ViewPin fixed) ->
                        isMain(fixed.getDefinition().getSource().getRef());
                    case ReadPoint.AtChoice(SnapshotChoice choice) ->
                        choice instanceof SnapshotChoice.Head(String ref) && isMain(ref);
                };
        if (isAtMain) {
            followed.add(table);
        }
        SnapshotPin pin =
                switch (use.readPoint()) {
                    case ReadPoint.AtPin(ViewPin fixed) ->
                        new SnapshotPin(
                                table.name(),
                                fixed.getTableUuid(),
                                fixed.getSnapshotId(),
                                fixed.getSchemaId(),
                                fixed.getMetadataLocation());
                    case ReadPoint.AtChoice(SnapshotChoice choice) -> {
                        refuseBroken(use, choice, table);
                        yield table.pin(choice);
                    }
                };
        return catalogs.open(table, pin);
    }

    /// Firn commits to no other branch.
    private static boolean isMain(@Nullable String ref) {
        return ref == null || ref.equals(SnapshotRef.MAIN_BRANCH);
    }

    /// Catalogs find a table in whatever case its name is spelt, so two names may mean one table. The second one gets
    /// what was loaded for the first, which may be an older state than the catalog's by now.
    private LakeTable load(TableName name) {
        return loaded.computeIfAbsent(name, asked -> {
            LakeTable table = catalogs.load(asked);
            return loaded.values().stream()
                    .filter(known -> isSameTable(known, table))
                    .findFirst()
                    .orElse(table);
        });
    }

    /// Copies that are registered under another name keep the UUID of their original.
    private static boolean isSameTable(LakeTable one, LakeTable other) {
        return one.uuid().equals(other.uuid())
                && one.name().toString().equalsIgnoreCase(other.name().toString());
    }

    /// A broken view cannot be read at a branch, whose head is what broke it. [ViewResolution] has refused the view's
    /// own ref already.
    private void refuseBroken(UsedView use, SnapshotChoice choice, LakeTable table) {
        if (BrokenView.isWhole(use.definition()) && choice instanceof SnapshotChoice.Head(String name)) {
            SnapshotRef ref = name == null ? null : table.iceberg().refs().get(name);
            if (ref == null || !ref.isTag()) {
                violations.add(
                        Code.VIEW_BROKEN,
                        use.field(),
                        "View '%s' no longer fits its table and can only be read at an older snapshot, tag or time; '%s' is not a tag."
                                .formatted(use.definition().getName(), name));
            }
        }
    }

    private @Nullable PinnedTable spineTable() {
        if (!(request.spine() instanceof SpineSource.IcebergTable spine)) {
            return null;
        }
        try {
            LakeTable table = load(TableName.parse(spine.table()));
            if (spine.snapshotId() != null && spine.ref() != null) {
                violations.add(
                        Code.SNAPSHOT_CONFLICT, "spine", "The spine has both ref and snapshot_id; give only one.");
            }
            if (spine.snapshotId() == null && isMain(spine.ref())) {
                followed.add(table);
            }
            SnapshotChoice choice = spine.snapshotId() == null
                    ? new SnapshotChoice.Head(spine.ref())
                    : new SnapshotChoice.ById(spine.snapshotId());
            Pins pins = request.pins();
            return catalogs.open(table, pins == null ? table.pin(choice) : pinnedSpine(table, choice, pins));
        } catch (LakeRejection rejection) {
            violations.add(rejection, "spine.table");
        } catch (IllegalArgumentException e) {
            violations.add(Code.SPINE_INCOMPLETE, "spine.table", String.valueOf(e.getMessage()));
        }
        return null;
    }

    /// Makes the same choice in the metadata of the first retrieval, which gives the same schema too. If that metadata
    /// is gone, the table may still list the snapshot. A spine that had no snapshot stays empty. Pins without a
    /// spine leave the choice free.
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
