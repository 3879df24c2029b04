package dev.firn.retrieval.job;

import dev.firn.events.FeatureView;
import dev.firn.events.Pins;
import dev.firn.events.ResolvedColumn;
import dev.firn.events.ResolvedSource;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.ViewPin;
import dev.firn.events.ViewStatus;
import dev.firn.events.ViewUse;
import dev.firn.lake.catalog.Dtype;
import dev.firn.lake.catalog.NearestName;
import dev.firn.lake.catalog.SnapshotChoice;
import dev.firn.schemas.Code;
import dev.firn.service.event.BrokenView;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/// Resolves a name to a view: its definition in the registry or in the pins, its join keys and the snapshot to read.
/// Notes what is wrong.
final class ViewResolution {
    private final RetrievalRequest request;
    private final Views registry;
    private final @Nullable Pins pins;
    private final ViewUses uses;
    private final Violations violations;
    private @Nullable NearestName viewNames;

    ViewResolution(
            RetrievalRequest request, Views registry, @Nullable Pins pins, ViewUses uses, Violations violations) {
        this.request = request;
        this.registry = registry;
        this.pins = pins;
        this.uses = uses;
        this.violations = violations;
    }

    /// Empty if there is no such view.
    ///
    /// @param field where a feature refers to the name
    Optional<UsedView> resolve(String name, String field) {
        Optional<ViewUse> use = uses.find(name);
        String useField = uses.field(name).orElse(field);
        String viewField = uses.field(name).map(listed -> listed + ".view").orElse(field);
        String viewName = use.map(ViewUse::getView).orElse(name);
        return pins == null
                ? registered(viewName, viewField)
                        .map(view -> current(name, useField, viewField, view, use.orElse(null)))
                : pin(pins, name, viewName, viewField)
                        .filter(pin -> isDefined(pin.getDefinition()))
                        .map(pin -> pinned(name, useField, pin, use.orElse(null)));
    }

    private Optional<FeatureView> registered(String viewName, String field) {
        FeatureView view = registry.find(viewName).orElse(null);
        if (view == null) {
            Optional<String> nearest = viewNames().to(viewName);
            violations.add(
                    Code.UNKNOWN_VIEW,
                    field,
                    "No view '%s' is registered%s".formatted(RequestCheck.shown(viewName), orNearest(nearest)),
                    nearest.orElse(null));
            return Optional.empty();
        }
        if (view.getStatus() == ViewStatus.DROPPED) {
            violations.add(
                    Code.VIEW_DROPPED, field, "View '%s' was dropped at %s.".formatted(viewName, view.getUpdatedAt()));
            return Optional.empty();
        }
        return Optional.of(view);
    }

    /// Prepared once: there may be many views, and many names that are not among them.
    private NearestName viewNames() {
        NearestName names = viewNames;
        if (names == null) {
            Collection<String> candidates = new HashSet<>(registry.names());
            candidates.addAll(uses.names());
            names = NearestName.among(candidates);
            viewNames = names;
        }
        return names;
    }

    private Optional<ViewPin> pin(Pins fixed, String name, String viewName, String field) {
        for (ViewPin pin : fixed.getViews()) {
            if (pin.getAlias().equals(name)) {
                String pinnedName = pin.getDefinition().getName();
                if (!pinnedName.equals(viewName)) {
                    violations.add(
                            Code.PINS_INVALID,
                            field,
                            "In the pins, '%s' is view '%s', not '%s'.".formatted(name, pinnedName, viewName));
                    return Optional.empty();
                }
                return Optional.of(pin);
            }
        }
        violations.add(Code.PINS_INVALID, field, "The pins do not contain view '%s'.".formatted(name));
        return Optional.empty();
    }

    /// Whether the pins' definition could have been registered. Pins may be written by hand, and say anything.
    private boolean isDefined(FeatureView view) {
        ResolvedSource source = view.getSource();
        ResolvedColumn created = source.getCreatedTimestamp();
        try {
            view.getEntities().forEach(entity -> Types.fromPrimitiveString(entity.getType()));
            Types.fromPrimitiveString(source.getTimestamp().getType());
            Types.fromPrimitiveString(created == null ? source.getTimestamp().getType() : created.getType());
            view.getFeatures().forEach(feature -> Dtype.parse(feature.getDtype()));
            if (source.getTimestampZone() != null) {
                ZoneId.of(source.getTimestampZone());
            }
            if (view.getTtlMicros() < 0 || view.getAvailableAfterMicros() < 0) {
                throw new IllegalArgumentException("ttl_micros and available_after_micros must not be negative");
            }
            return true;
        } catch (IllegalArgumentException | DateTimeException e) {
            violations.add(
                    Code.PINS_INVALID,
                    "pins",
                    "The definition of view '%s' in the pins is invalid: %s."
                            .formatted(
                                    RequestCheck.shown(view.getName()),
                                    RequestCheck.shown(String.valueOf(e.getMessage()))));
            return false;
        }
    }

    private UsedView pinned(String name, String useField, ViewPin pin, @Nullable ViewUse use) {
        FeatureView view = pin.getDefinition();
        UsedView used = new UsedView(name, useField, view, keyColumns(name, view, use), new ReadPoint.AtPin(pin));
        checkCreated(view);
        return used;
    }

    private UsedView current(String name, String useField, String viewField, FeatureView view, @Nullable ViewUse use) {
        Optional<SnapshotChoice> chosen = Optional.ofNullable(use).flatMap(ViewUses::choice);
        String ownRef = view.getSource().getRef();
        SnapshotChoice choice = chosen.orElseGet(() -> new SnapshotChoice.Head(ownRef));
        UsedView used = new UsedView(name, useField, view, keyColumns(name, view, use), new ReadPoint.AtChoice(choice));
        // a chosen ref may still be a branch, which only its table tells: see Pinning
        if (BrokenView.isWhole(view) && chosen.isEmpty()) {
            violations.add(
                    Code.VIEW_BROKEN,
                    viewField,
                    "View '%s' no longer fits its table (%s); it can only be read at an older snapshot, tag or time."
                            .formatted(view.getName(), reason(view)));
        }
        checkCreated(view);
        if (use != null && use.getSnapshotAsOf() != null && ownRef != null && !ownRef.equals(SnapshotRef.MAIN_BRANCH)) {
            violations.add(
                    Code.SNAPSHOT_CONFLICT,
                    viewField,
                    "View '%s' reads '%s', but tables record times only for main; give a snapshot_id."
                            .formatted(view.getName(), ownRef));
        }
        return used;
    }

    private void checkCreated(FeatureView view) {
        if (request.getFilterByCreated() && view.getSource().getCreatedTimestamp() == null) {
            violations.add(
                    Code.CREATED_REQUIRED,
                    "filter_by_created",
                    "View '%s' has no created timestamp to filter by.".formatted(view.getName()));
        }
    }

    private List<String> keyColumns(String name, FeatureView view, @Nullable ViewUse use) {
        Map<String, String> mapped = use == null ? Map.of() : use.getJoinKeys();
        List<String> entities =
                view.getEntities().stream().map(ResolvedColumn::getName).toList();
        for (String entity : mapped.keySet()) {
            if (violations.isFull()) {
                break;
            }
            if (!entities.contains(entity)) {
                Optional<String> nearest = NearestName.of(entity, entities);
                violations.add(
                        Code.UNKNOWN_ENTITY,
                        uses.field(name).orElse("views") + ".join_keys." + entity,
                        "View '%s' has no entity '%s'%s"
                                .formatted(view.getName(), RequestCheck.shown(entity), orNearest(nearest)),
                        nearest.orElse(null));
            }
        }
        return entities.stream()
                .map(entity -> mapped.getOrDefault(entity, entity))
                .toList();
    }

    private static String reason(FeatureView view) {
        return view.getReasons().isEmpty()
                ? "no reason is recorded"
                : view.getReasons().getFirst().getCode() + ": "
                        + view.getReasons().getFirst().getMessage();
    }

    /// The end of a sentence about an unknown name.
    static String orNearest(Optional<String> nearest) {
        return nearest.map(name -> "; did you mean '" + name + "'?").orElse(".");
    }
}
