package dev.firn.retrieval.job;

import dev.firn.events.RetrievalRequest;
import dev.firn.events.ViewUse;
import dev.firn.lake.catalog.SnapshotChoice;
import dev.firn.schemas.Code;
import dev.firn.schemas.Ids;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// The views that a request lists, by the names that its features refer to.
final class ViewUses {
    private final List<ViewUse> uses;
    private final Map<String, Integer> indexes = new LinkedHashMap<>();

    private final Set<String> lowerCaseNames = new HashSet<>();

    private ViewUses(List<ViewUse> uses) {
        this.uses = uses;
    }

    /// Notes invalid and repeated names, and snapshots that are chosen twice.
    ///
    /// @param pinned whether pins fix the snapshots already
    static ViewUses check(RetrievalRequest request, boolean pinned, Violations violations) {
        ViewUses uses = new ViewUses(request.getViews());
        for (int i = 0; i < request.getViews().size(); i++) {
            uses.check(i, pinned, violations);
        }
        return uses;
    }

    private void check(int index, boolean pinned, Violations violations) {
        ViewUse use = uses.get(index);
        String name = nameOf(use);
        String field = field(index);
        String alias = use.getAlias();
        if (alias != null && !Ids.isViewName(alias)) {
            violations.add(
                    Code.INVALID_ALIAS, field + ".alias", "'%s' must be an identifier without '__'.".formatted(alias));
        }
        String lowerCase = name.toLowerCase(Locale.ROOT);
        if (!lowerCaseNames.add(lowerCase)) {
            violations.add(
                    Code.DUPLICATE_ALIAS,
                    field,
                    "Two uses of views are named '%s'; give one of them another alias.".formatted(name));
        }
        indexes.putIfAbsent(name, index);
        long choices = Stream.of(use.getRef(), use.getSnapshotId(), use.getSnapshotAsOf())
                .filter(Objects::nonNull)
                .count();
        if (choices > 1) {
            violations.add(
                    Code.SNAPSHOT_CONFLICT,
                    field,
                    "'%s' has more than one of ref, snapshot_id and snapshot_as_of; give only one.".formatted(name));
        }
        if (pinned && choices > 0) {
            violations.add(
                    Code.PINS_INVALID,
                    field,
                    "The pins fix the snapshot of '%s'; leave out ref, snapshot_id and snapshot_as_of."
                            .formatted(name));
        }
    }

    /// The use of that name; empty if the request lists none, and the name is a view's own.
    Optional<ViewUse> find(String name) {
        return Optional.ofNullable(indexes.get(name)).map(uses::get);
    }

    /// Where the request lists the use of that name.
    Optional<String> field(String name) {
        return Optional.ofNullable(indexes.get(name)).map(ViewUses::field);
    }

    private static String field(int index) {
        return "views[" + index + "]";
    }

    Set<String> names() {
        return indexes.keySet();
    }

    private static String nameOf(ViewUse use) {
        String alias = use.getAlias();
        return alias == null ? use.getView() : alias;
    }

    /// The snapshot that the use itself chooses, if any.
    static Optional<SnapshotChoice> choice(ViewUse use) {
        if (use.getSnapshotId() != null) {
            return Optional.of(new SnapshotChoice.ById(use.getSnapshotId()));
        }
        if (use.getSnapshotAsOf() != null) {
            return Optional.of(new SnapshotChoice.AsOf(use.getSnapshotAsOf()));
        }
        return Optional.ofNullable(use.getRef()).map(SnapshotChoice.Head::new);
    }
}
