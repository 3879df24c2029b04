package dev.firn.retrieval.job;

import dev.firn.events.FeatureView;
import dev.firn.events.Pins;
import dev.firn.events.ResolvedColumn;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.ViewPin;
import dev.firn.events.ViewStatus;
import dev.firn.events.ViewUse;
import dev.firn.lake.catalog.NearestName;
import dev.firn.retrieval.job.CheckedRequest.AskedFeature;
import dev.firn.schemas.Ids;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.iceberg.SnapshotRef;
import org.jspecify.annotations.Nullable;

/// Finds out what a request means against the registry, or everything that is wrong with it. Reads nothing but
/// its arguments.
final class RequestCheck {
    private static final String EVENT_TIMESTAMP = "event_timestamp";

    private final RetrievalRequest request;
    private final Views registry;
    private final @Nullable Pins pins;
    private final RetrievalLimits limits;
    private final Violations violations = new Violations();
    /// By the name features refer to, in order of first use.
    private final Map<String, UsedView> used = new LinkedHashMap<>();

    private final Map<String, Integer> useByName = new LinkedHashMap<>();

    private RequestCheck(RetrievalRequest request, Views registry, @Nullable Pins pins, RetrievalLimits limits) {
        this.request = request;
        this.registry = registry;
        this.pins = pins;
        this.limits = limits;
    }

    /// @param pins the request's own, or those of the manifest it names
    /// @param now the log-append time of the request's record
    /// @throws RetrievalRejected with everything that is wrong
    static CheckedRequest check(
            RetrievalRequest request, Views registry, @Nullable Pins pins, Instant now, RetrievalLimits limits) {
        return new RequestCheck(request, registry, pins, limits).check(now);
    }

    private CheckedRequest check(Instant now) {
        nameUses();
        if (request.getFeatures().isEmpty()) {
            violations.add(Code.NO_FEATURES, "features", "The request asks for no feature.");
        }
        List<AskedFeature> features = new ArrayList<>();
        // each `view:*` stands for many: what is too much already is not looked at further
        for (int i = 0; i < request.getFeatures().size() && features.size() <= limits.maxColumns(); i++) {
            resolve(request.getFeatures().get(i), "features[" + i + "]", features);
        }
        checkLimits(features);
        request.getViews().stream()
                .map(RequestCheck::nameOf)
                .filter(name -> !used.containsKey(name) && violations.isEmpty())
                .forEach(name -> violations.add(
                        Code.VIEW_NOT_USED,
                        "views[" + useByName.get(name) + "]",
                        "No feature of '%s' is asked for; ask for '%s:*', or leave it out.".formatted(name, name)));
        collisions(features);
        Instant asOf = asOf(now);
        violations.throwIfAny();
        return new CheckedRequest(request, List.copyOf(used.values()), features, asOf, pins);
    }

    /// Runs carry pins made before they were produced: their T is their own log-append time all the same.
    private Instant asOf(Instant now) {
        Instant asked = request.getAsOf();
        boolean run = request.getStandingId() != null;
        if (pins == null || run) {
            return asked == null ? now : asked;
        }
        if (asked != null && !asked.equals(pins.getAsOf())) {
            violations.add(
                    Code.PINS_INVALID,
                    "as_of",
                    "The pins fix T to %s; as_of says %s.".formatted(pins.getAsOf(), asked));
        }
        return pins.getAsOf();
    }

    private void nameUses() {
        for (int i = 0; i < request.getViews().size(); i++) {
            ViewUse use = request.getViews().get(i);
            String name = nameOf(use);
            String field = "views[" + i + "]";
            String alias = use.getAlias();
            if (alias != null && !Ids.isViewName(alias)) {
                violations.add(
                        Code.INVALID_ALIAS, field + ".alias", "'%s' is no identifier without '__'.".formatted(alias));
            }
            boolean taken = useByName.keySet().stream().anyMatch(other -> UsedView.sameName(other, name));
            if (taken) {
                violations.add(Code.DUPLICATE_ALIAS, field, "Two uses of views are called '%s'.".formatted(name));
            }
            useByName.putIfAbsent(name, i);
            long choices = Stream.of(use.getRef(), use.getSnapshotId(), use.getSnapshotAsOf())
                    .filter(Objects::nonNull)
                    .count();
            if (choices > 1) {
                violations.add(
                        Code.SNAPSHOT_CONFLICT,
                        field,
                        "'%s' has more than one of ref, snapshot_id and snapshot_as_of; give one.".formatted(name));
            }
            boolean run = request.getStandingId() != null;
            if (pins != null && choices > 0 && !run) {
                violations.add(
                        Code.PINS_INVALID,
                        field,
                        "The pins fix the snapshot of '%s'; it cannot be chosen again.".formatted(name));
            }
        }
    }

    private void resolve(String reference, String field, List<AskedFeature> features) {
        int colon = reference.indexOf(':');
        if (colon <= 0 || colon == reference.length() - 1 || reference.indexOf(':', colon + 1) >= 0) {
            violations.add(
                    Code.INVALID_FEATURE_REFERENCE,
                    field,
                    "'%s' is not view:feature (or alias:feature, or view:*).".formatted(reference));
            return;
        }
        UsedView view = use(reference.substring(0, colon), field);
        if (view == null) {
            return;
        }
        String wanted = reference.substring(colon + 1);
        List<ResolvedColumn> defined = view.definition().getFeatures();
        int index = List.copyOf(used.keySet()).indexOf(view.name());
        boolean found = false;
        for (int i = 0; i < defined.size(); i++) {
            if (wanted.equals("*") || defined.get(i).getName().equals(wanted)) {
                found = true;
                String feature = defined.get(i).getName();
                features.add(new AskedFeature(index, i, outputName(view, feature), view.name() + ":" + feature));
            }
        }
        if (!found) {
            Optional<String> nearest = NearestName.of(
                    wanted, defined.stream().map(ResolvedColumn::getName).toList());
            violations.add(
                    Code.UNKNOWN_FEATURE,
                    field,
                    "View '%s' has no feature '%s'%s"
                            .formatted(view.definition().getName(), wanted, orNearest(nearest)),
                    nearest.orElse(null));
        }
    }

    private @Nullable UsedView use(String name, String field) {
        UsedView known = used.get(name);
        if (known != null) {
            return known;
        }
        Integer index = useByName.get(name);
        ViewUse use = index == null ? null : request.getViews().get(index);
        String viewName = use == null ? name : use.getView();
        String where = index == null ? field : "views[" + index + "].view";
        Definition definition = definition(name, viewName, where);
        if (definition == null) {
            return null;
        }
        UsedView view = new UsedView(
                name,
                index == null ? field : "views[" + index + "]",
                definition.view(),
                keyColumns(definition.view(), use, index),
                use == null ? null : use.getRef(),
                use == null ? null : use.getSnapshotId(),
                use == null ? null : use.getSnapshotAsOf(),
                definition.pin());
        if (definition.view().getStatus() == ViewStatus.BROKEN && definition.pin() == null && !readsThePast(view)) {
            violations.add(
                    Code.VIEW_BROKEN,
                    where,
                    "View '%s' no longer fits its table (%s); it can be read at an explicit older snapshot, tag or time only."
                            .formatted(viewName, reasons(definition.view())));
        }
        if (request.getFilterByCreated() && definition.view().getSource().getCreatedTimestamp() == null) {
            violations.add(
                    Code.CREATED_REQUIRED,
                    "filter_by_created",
                    "View '%s' declares no created timestamp to filter by.".formatted(viewName));
        }
        String own = definition.view().getSource().getRef();
        if (view.snapshotAsOf() != null && own != null && !own.equals(SnapshotRef.MAIN_BRANCH) && pins == null) {
            violations.add(
                    Code.SNAPSHOT_CONFLICT,
                    where,
                    "View '%s' reads '%s', and only main's history is recorded by time; give a snapshot_id."
                            .formatted(viewName, own));
        }
        used.put(name, view);
        return view;
    }

    private record Definition(FeatureView view, @Nullable ViewPin pin) {}

    private @Nullable Definition definition(String name, String viewName, String field) {
        if (pins != null) {
            return pinnedDefinition(name, viewName, field);
        }
        FeatureView view = registry.find(viewName).orElse(null);
        if (view == null) {
            Optional<String> nearest = NearestName.of(viewName, candidates());
            violations.add(
                    Code.UNKNOWN_VIEW,
                    field,
                    "No view '%s' is registered%s".formatted(viewName, orNearest(nearest)),
                    nearest.orElse(null));
            return null;
        }
        if (view.getStatus() == ViewStatus.DROPPED) {
            violations.add(
                    Code.VIEW_DROPPED, field, "View '%s' was dropped at %s.".formatted(viewName, view.getUpdatedAt()));
            return null;
        }
        return new Definition(view, null);
    }

    private @Nullable Definition pinnedDefinition(String name, String viewName, String field) {
        for (ViewPin pin : pins == null ? List.<ViewPin>of() : pins.getViews()) {
            if (pin.getAlias().equals(name)) {
                if (!pin.getDefinition().getName().equals(viewName)) {
                    violations.add(
                            Code.PINS_INVALID,
                            field,
                            "The pins know '%s' as view '%s', not '%s'."
                                    .formatted(name, pin.getDefinition().getName(), viewName));
                    return null;
                }
                return new Definition(pin.getDefinition(), pin);
            }
        }
        violations.add(Code.PINS_INVALID, field, "The pins hold no view '%s'.".formatted(name));
        return null;
    }

    private Collection<String> candidates() {
        Collection<String> names = new TreeSet<>(registry.names());
        names.addAll(useByName.keySet());
        return names;
    }

    private List<String> keyColumns(FeatureView view, @Nullable ViewUse use, @Nullable Integer index) {
        Map<String, String> mapped = use == null ? Map.of() : use.getJoinKeys();
        List<String> entities =
                view.getEntities().stream().map(ResolvedColumn::getName).toList();
        for (String entity : mapped.keySet()) {
            if (!entities.contains(entity)) {
                Optional<String> nearest = NearestName.of(entity, entities);
                violations.add(
                        Code.UNKNOWN_ENTITY,
                        "views[" + index + "].join_keys." + entity,
                        "View '%s' has no entity '%s'%s".formatted(view.getName(), entity, orNearest(nearest)),
                        nearest.orElse(null));
            }
        }
        return entities.stream()
                .map(entity -> mapped.getOrDefault(entity, entity))
                .toList();
    }

    /// A ref may still be a branch; that is seen when it is pinned.
    private static boolean readsThePast(UsedView view) {
        return view.snapshotId() != null || view.snapshotAsOf() != null || view.ref() != null;
    }

    private void checkLimits(List<AskedFeature> features) {
        if (used.size() > limits.maxViews()) {
            violations.add(
                    Code.LIMIT_EXCEEDED,
                    "views",
                    "%d views are used; at most %d may be.".formatted(used.size(), limits.maxViews()));
        }
        if (features.size() > limits.maxColumns()) {
            violations.add(
                    Code.LIMIT_EXCEEDED,
                    "features",
                    "%d features or more are asked for; at most %d columns may be."
                            .formatted(features.size(), limits.maxColumns()));
        }
    }

    /// Among the features alone; with the spine's columns it is looked at again once they are known.
    private void collisions(List<AskedFeature> features) {
        OutputNames names = new OutputNames(violations);
        features.forEach(feature -> names.take(feature.name(), feature.reference()));
        if (request.getIncludeEventTimestamps()) {
            used.values().forEach(view -> names.take(eventTimestampName(view), view.name() + "'s event timestamp"));
        }
    }

    private String outputName(UsedView view, String feature) {
        boolean aliased = !view.name().equals(view.definition().getName());
        return aliased || request.getFullFeatureNames() ? view.name() + "__" + feature : feature;
    }

    static String eventTimestampName(UsedView view) {
        return view.name() + "__" + EVENT_TIMESTAMP;
    }

    private static String nameOf(ViewUse use) {
        String alias = use.getAlias();
        return alias == null ? use.getView() : alias;
    }

    private static String reasons(FeatureView view) {
        return view.getReasons().isEmpty()
                ? "no reason was kept"
                : view.getReasons().getFirst().getCode() + ": "
                        + view.getReasons().getFirst().getMessage();
    }

    private static String orNearest(Optional<String> nearest) {
        return nearest.map(name -> "; did you mean '" + name + "'?").orElse(".");
    }
}
