package dev.firn.retrieval.job;

import dev.firn.events.Pins;
import dev.firn.events.ResolvedColumn;
import dev.firn.events.RetrievalRequest;
import dev.firn.lake.catalog.NearestName;
import dev.firn.retrieval.job.CheckedRequest.AskedFeature;
import dev.firn.schemas.Code;
import dev.firn.schemas.Limits;
import dev.firn.service.event.EventSize;
import dev.firn.service.spine.InvalidSpineException;
import dev.firn.service.spine.SpineSource;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Checks a request against the registry and resolves its names, or reports everything that is wrong. Reads nothing but
/// its arguments.
final class RequestCheck {
    private final RetrievalRequest request;
    private final @Nullable Pins pins;
    private final RetrievalLimits limits;
    private final Cancellation cancellation;
    private final Violations violations = new Violations();
    private final ViewUses uses;
    private final ViewResolution resolution;
    /// By the name that features refer to, in the order of first use.
    private final Map<String, UsedView> used = new LinkedHashMap<>();

    private RequestCheck(
            RetrievalRequest request,
            Views registry,
            @Nullable Pins pins,
            RetrievalLimits limits,
            Cancellation cancellation) {
        this.request = request;
        this.pins = pins;
        this.limits = limits;
        this.cancellation = cancellation;
        checkSizes();
        this.uses = ViewUses.check(request, pins != null && !isRun(), violations);
        this.resolution = new ViewResolution(request, registry, pins, uses, violations);
    }

    /// @param pins the request's own, or those of the manifest it names
    /// @param now the log-append time of the request's record
    /// @throws RetrievalRejected with everything that is wrong
    /// @throws java.util.concurrent.CancellationException once cancelled
    static CheckedRequest check(
            RetrievalRequest request,
            Views registry,
            @Nullable Pins pins,
            Instant now,
            RetrievalLimits limits,
            Cancellation cancellation) {
        return new RequestCheck(request, registry, pins, limits, cancellation).check(now);
    }

    /// Nothing else is looked at in a request that lists too much: each name could cost a search.
    private void checkSizes() {
        int features = request.getFeatures().size();
        if (features > limits.maxColumns()) {
            tooManyFeatures(features);
        }
        int views = request.getViews().size();
        if (views > limits.maxViews()) {
            tooManyViews(views);
        }
        violations.throwIfAny();
    }

    private void tooManyFeatures(int count) {
        violations.add(
                Code.LIMIT_EXCEEDED,
                "features",
                "The request has at least %d features; the limit is %d columns.".formatted(count, limits.maxColumns()));
    }

    private void tooManyViews(int count) {
        violations.add(
                Code.LIMIT_EXCEEDED,
                "views",
                "The request uses %d views; the limit is %d.".formatted(count, limits.maxViews()));
    }

    private CheckedRequest check(Instant now) {
        if (request.getFeatures().isEmpty()) {
            violations.add(Code.NO_FEATURES, "features", "The request names no features.");
        }
        List<AskedFeature> features = new ArrayList<>();
        // `view:*` stands for many features: stop once there are too many
        for (int i = 0; i < request.getFeatures().size() && goesOn(features); i++) {
            cancellation.check();
            resolve(request.getFeatures().get(i), "features[" + i + "]", features);
        }
        checkLimits(features);
        uses.names().stream()
                .filter(name -> !used.containsKey(name) && violations.isEmpty())
                .forEach(name -> violations.add(
                        Code.VIEW_NOT_USED,
                        uses.field(name).orElse("views"),
                        "No feature refers to '%s'; add '%s:*' to the features, or remove the view."
                                .formatted(name, name)));
        // the spine's columns are checked too, once they are known
        OutputNames.addAll(request, List.copyOf(used.values()), features, List.of(), violations);
        Instant asOf = asOf(now);
        SpineSource spine = spine();
        violations.throwIfAny();
        return new CheckedRequest(
                request, Objects.requireNonNull(spine), List.copyOf(used.values()), features, asOf, pins);
    }

    private boolean goesOn(List<AskedFeature> features) {
        return features.size() <= limits.maxColumns() && used.size() <= limits.maxViews() && !violations.isFull();
    }

    /// Null where a violation says why.
    private @Nullable SpineSource spine() {
        try {
            return SpineSource.of(request.getSpine());
        } catch (InvalidSpineException e) {
            violations.add(e.code(), e.field(), String.valueOf(e.getMessage()));
            return null;
        }
    }

    /// A run's pins were made before it was produced, so its T is its own log-append time.
    private Instant asOf(Instant now) {
        Instant asked = request.getAsOf();
        if (pins == null || isRun()) {
            return asked == null ? now : asked;
        }
        if (asked != null && !asked.equals(pins.getAsOf())) {
            violations.add(
                    Code.PINS_INVALID,
                    "as_of",
                    "The pins fix as_of to %s, but the request has %s.".formatted(pins.getAsOf(), asked));
        }
        return pins.getAsOf();
    }

    private boolean isRun() {
        return request.getStandingId() != null;
    }

    private void resolve(String reference, String field, List<AskedFeature> features) {
        int colon = reference.indexOf(':');
        if (colon <= 0 || colon == reference.length() - 1 || reference.indexOf(':', colon + 1) >= 0) {
            violations.add(
                    Code.INVALID_FEATURE_REFERENCE,
                    field,
                    "'%s' must be view:feature, alias:feature or view:*.".formatted(shown(reference)));
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
        if (!found && isTime(view, wanted)) {
            violations.add(
                    Code.UNKNOWN_FEATURE,
                    field,
                    "'%s' is a timestamp of view '%s', not a feature; include_event_timestamps (--event-timestamps) adds the event time of the row that was found as column '%s'. A created timestamp can be registered as a feature."
                            .formatted(shown(wanted), view.definition().getName(), OutputNames.eventTimestamp(view)));
        } else if (!found) {
            Optional<String> nearest = NearestName.of(
                    wanted, defined.stream().map(ResolvedColumn::getName).toList());
            violations.add(
                    Code.UNKNOWN_FEATURE,
                    field,
                    "View '%s' has no feature '%s'%s"
                            .formatted(view.definition().getName(), shown(wanted), ViewResolution.orNearest(nearest)),
                    nearest.orElse(null));
        }
    }

    private static boolean isTime(UsedView view, String name) {
        ResolvedColumn event = view.definition().getSource().getTimestamp();
        ResolvedColumn created = view.definition().getSource().getCreatedTimestamp();
        return name.equals(OutputNames.EVENT_TIMESTAMP)
                || name.equals(event.getName())
                || name.equals(event.getColumn())
                || (created != null && (name.equals(created.getName()) || name.equals(created.getColumn())));
    }

    private @Nullable UsedView use(String name, String field) {
        UsedView known = used.get(name);
        if (known == null) {
            known = resolution.resolve(name, field).orElse(null);
            if (known != null) {
                used.put(name, known);
            }
        }
        return known;
    }

    private void checkLimits(List<AskedFeature> features) {
        if (used.size() > limits.maxViews()) {
            tooManyViews(used.size());
        }
        if (features.size() > limits.maxColumns()) {
            tooManyFeatures(features.size());
        }
    }

    /// A name as it may stand in a message.
    static String shown(String name) {
        return EventSize.cut(name, 2 * Limits.IDENTIFIER_LENGTH + 1);
    }

    private String outputName(UsedView view, String feature) {
        boolean aliased = !view.name().equals(view.definition().getName());
        return aliased || request.getFullFeatureNames() ? view.name() + "__" + feature : feature;
    }
}
