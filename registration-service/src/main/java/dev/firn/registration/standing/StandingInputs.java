package dev.firn.registration.standing;

import dev.firn.events.FeatureView;
import dev.firn.events.ResolvedSource;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import dev.firn.events.ViewStatus;
import dev.firn.events.ViewUse;
import dev.firn.lake.TableName;
import dev.firn.registration.standing.FollowedTable.TableRef;
import dev.firn.registration.standing.StandingEntry.SubscribedView;
import dev.firn.schemas.Limits;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a standing retrieval reads, and which changes of it make a run due. Pure.
///
/// | it reads | a run is due when |
/// |---|---|
/// | a view at the view's own ref | version, status or content of its record differs |
/// | a view at a ref that the request names | version or status of its record differs, or the content of that ref |
/// | a view at a snapshot or time that the request names | the version of its record differs |
/// | a spine that is a table | the content or the columns of its ref differ |
/// | a spine at a snapshot, files, stored rows | never |
final class StandingInputs {
    private static final String MAIN = "main";

    private final RetrievalRequest retrieval;

    StandingInputs(RetrievalRequest retrieval) {
        this.retrieval = retrieval;
    }

    /// The refs of tables to follow: those whose moves no view's record shows.
    ///
    /// @param views as reported so far; a view names its table
    Set<TableRef> tables(Map<String, SubscribedView> views) {
        Set<TableRef> tables = new HashSet<>();
        spine().ifPresent(tables::add);
        StandingRun.viewsByAlias(retrieval).forEach((alias, view) -> {
            FeatureView record =
                    views.getOrDefault(view, SubscribedView.NOT_REPORTED).record();
            if (record != null && record.getStatus() != ViewStatus.DROPPED) {
                otherRef(use(alias), record).ifPresent(tables::add);
            }
        });
        return Set.copyOf(tables);
    }

    /// The ref that the spine reads, if it is a table and not pinned to a snapshot. Names that no table can have
    /// are left out: the run reports them.
    Optional<TableRef> spine() {
        Spine spine = retrieval.getSpine();
        String table = spine.getTable();
        return spine.getKind() == SpineKind.TABLE && table != null && spine.getSnapshotId() == null
                ? ref(table, spine.getRef())
                : Optional.empty();
    }

    /// Whether a run is due because the view's record differs from what was reported before.
    boolean isDueAfter(String view, SubscribedView before, @Nullable FeatureView changed) {
        FeatureView known = before.record();
        if (known == null || changed == null) {
            return !before.isReported() || known != null || changed != null;
        }
        if (known.getVersion() != changed.getVersion()) {
            return true;
        }
        if (isReadAtSnapshotsOnly(view)) {
            return false;
        }
        ResolvedSource was = known.getSource();
        ResolvedSource is = changed.getSource();
        return known.getStatus() != changed.getStatus()
                || !was.getTableUuid().equals(is.getTableUuid())
                || (uses(view).stream()
                                .anyMatch(use -> !isAtSnapshot(use)
                                        && otherRef(use, changed).isEmpty())
                        && !Objects.equals(was.getContentSnapshotId(), is.getContentSnapshotId()));
    }

    /// Whether a view that is broken at its own ref may still fit what is read of it, which only a run can tell.
    boolean choosesWhatToRead(String view) {
        return uses(view).stream().allMatch(use -> isAtSnapshot(use) || (use != null && use.getRef() != null));
    }

    private boolean isReadAtSnapshotsOnly(String view) {
        return uses(view).stream().allMatch(StandingInputs::isAtSnapshot);
    }

    /// How the view is used; null for a use that the request does not list.
    private List<@Nullable ViewUse> uses(String view) {
        List<@Nullable ViewUse> uses = new ArrayList<>();
        StandingRun.viewsByAlias(retrieval).forEach((alias, name) -> {
            if (name.equals(view)) {
                uses.add(use(alias));
            }
        });
        return uses;
    }

    private @Nullable ViewUse use(String alias) {
        ViewUse last = null;
        for (ViewUse use : retrieval.getViews()) {
            if (Objects.requireNonNullElse(use.getAlias(), use.getView()).equals(alias)) {
                last = use;
            }
        }
        return last;
    }

    private static boolean isAtSnapshot(@Nullable ViewUse use) {
        return use != null && (use.getSnapshotId() != null || use.getSnapshotAsOf() != null);
    }

    /// The ref that is read in place of the view's own, if it is another one.
    private static Optional<TableRef> otherRef(@Nullable ViewUse use, FeatureView record) {
        if (use == null || use.getRef() == null || isAtSnapshot(use)) {
            return Optional.empty();
        }
        ResolvedSource source = record.getSource();
        String table = "%s.%s.%s".formatted(source.getCatalog(), source.getSchema$(), source.getTableName());
        return ref(table, use.getRef()).filter(ref -> !Objects.equals(ref.ref(), normal(source.getRef())));
    }

    private static Optional<TableRef> ref(String table, @Nullable String ref) {
        boolean isRef = ref == null
                || (ref.length() <= Limits.TABLE_NAME_LENGTH && ref.chars().noneMatch(Character::isISOControl));
        if (!isRef || table.length() > Limits.TABLE_NAME_LENGTH) {
            return Optional.empty();
        }
        try {
            return Optional.of(new TableRef(TableName.parse(table).toString(), normal(ref)));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static @Nullable String normal(@Nullable String ref) {
        return MAIN.equals(ref) ? null : ref;
    }
}
