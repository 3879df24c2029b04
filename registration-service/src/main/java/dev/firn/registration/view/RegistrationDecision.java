package dev.firn.registration.view;

import dev.firn.events.FeatureView;
import dev.firn.events.RegistrationRequest;
import dev.firn.events.RegistrationResult;
import dev.firn.events.RegistrationStatus;
import dev.firn.events.TableSource;
import dev.firn.events.ViewStatus;
import dev.firn.events.Violation;
import dev.firn.registration.validation.Verdict;
import dev.firn.schemas.Code;
import dev.firn.schemas.Limits;
import dev.firn.service.event.EventSize;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Decides requests against the registry's record of their view. Pure: [RegistrationQueue] applies the decisions.
final class RegistrationDecision {
    private final RegistrationRequest request;
    private final String digest;
    private final @Nullable FeatureView current;
    private final Instant now;

    /// @param current the view's record, which may be a dropped one; null if there is none
    RegistrationDecision(RegistrationRequest request, String digest, @Nullable FeatureView current, Instant now) {
        this.request = request;
        this.digest = digest;
        this.current = current;
        this.now = now;
    }

    /// @param written the record to write; null to keep the current one
    record Decision(RegistrationResult result, @Nullable FeatureView written) {
        Decision {
            result = EventSize.fitted(result);
        }
    }

    Decision accepted(Verdict.Accepted verdict) {
        List<Violation> conflict = versionConflict();
        if (!conflict.isEmpty()) {
            return rejected(conflict);
        }
        String definition = Definition.digest(request);
        FeatureView resolved = Definition.resolved(request, definition, verdict.resolution(), current, now);
        List<Violation> warnings =
                EventSize.listed(verdict.warnings(), Code.MORE_WARNINGS, "%d more warnings are not listed");
        Optional<Violation> tooLarge = EventSize.tooLarge(resolved);
        if (tooLarge.isPresent()) {
            return rejected(List.of(tooLarge.get()));
        }
        if (request.getDryRun()) {
            return new Decision(
                    answer(
                                    RegistrationStatus.VALID,
                                    "Feature view '%s' is valid; nothing was stored (dry run)"
                                            .formatted(request.getName()))
                            .setWarnings(warnings)
                            .setFeatureView(resolved)
                            .build(),
                    null);
        }
        FeatureView existing = existing();
        if (existing != null && existing.getDefinitionDigest().equals(definition)) {
            return unchanged(existing, resolved, warnings);
        }
        RegistrationStatus status = existing == null ? RegistrationStatus.REGISTERED : RegistrationStatus.UPDATED;
        return new Decision(
                answer(status, success(status, resolved))
                        .setVersion(resolved.getVersion())
                        .setWarnings(warnings)
                        .setFeatureView(resolved)
                        .build(),
                resolved);
    }

    /// The definition is registered already. If its table has changed since, the record follows, at the same version.
    private Decision unchanged(FeatureView existing, FeatureView resolved, List<Violation> warnings) {
        boolean moved = existing.getStatus() != ViewStatus.ACTIVE
                || !existing.getSource().equals(resolved.getSource())
                || !existing.getEntities().equals(resolved.getEntities())
                || !existing.getFeatures().equals(resolved.getFeatures());
        FeatureView record = moved
                ? FeatureView.newBuilder(resolved)
                        .setVersion(existing.getVersion())
                        .setRequestId(existing.getRequestId())
                        .build()
                : existing;
        String message =
                "Feature view '%s' is unchanged at version %d".formatted(request.getName(), record.getVersion());
        return new Decision(
                answer(RegistrationStatus.UNCHANGED, message)
                        .setVersion(record.getVersion())
                        .setWarnings(warnings)
                        .setFeatureView(record)
                        .build(),
                moved ? record : null);
    }

    Decision dropped() {
        List<Violation> conflict = versionConflict();
        if (!conflict.isEmpty()) {
            return rejected(conflict);
        }
        FeatureView existing = existing();
        if (existing == null) {
            return rejected(List.of(Code.UNKNOWN_VIEW.violation(
                    "name", "there is no feature view '%s' to drop".formatted(request.getName()))));
        }
        if (request.getDryRun()) {
            return new Decision(
                    answer(
                                    RegistrationStatus.VALID,
                                    "Feature view '%s' can be dropped; nothing was stored (dry run)"
                                            .formatted(request.getName()))
                            .setVersion(existing.getVersion())
                            .build(),
                    null);
        }
        FeatureView record = FeatureView.newBuilder(existing)
                .setVersion(existing.getVersion() + 1)
                .setStatus(ViewStatus.DROPPED)
                .setReasons(List.of())
                .setRequestId(request.getRequestId())
                .setUpdatedAt(now)
                .build();
        return new Decision(
                answer(RegistrationStatus.DROPPED, "Feature view '%s' is dropped".formatted(request.getName()))
                        .setVersion(record.getVersion())
                        .build(),
                record);
    }

    Decision rejected(List<Violation> violations) {
        List<Violation> listed =
                EventSize.listed(violations, Code.MORE_VIOLATIONS, "%d more violations are not listed");
        String message = "Feature view '%s' was rejected: %s%s"
                .formatted(
                        request.getName(),
                        violations.getFirst().getMessage(),
                        violations.size() == 1 ? "" : " (and %d more)".formatted(violations.size() - 1));
        return new Decision(
                answer(RegistrationStatus.REJECTED, message)
                        .setViolations(listed)
                        .build(),
                null);
    }

    Decision failed(Code code, String message) {
        return new Decision(
                answer(
                                RegistrationStatus.FAILED,
                                "Feature view '%s' could not be validated: %s".formatted(request.getName(), message))
                        .setViolations(List.of(code.violation("", message)))
                        .build(),
                null);
    }

    /// Whether the request, if it is accepted, makes one more view.
    boolean addsAView() {
        return existing() == null && !request.getDryRun();
    }

    private List<Violation> versionConflict() {
        Long expected = request.getExpectedVersion();
        FeatureView existing = existing();
        long version = existing == null ? 0 : existing.getVersion();
        if (expected == null || expected == version) {
            return List.of();
        }
        String message = existing == null
                ? "expected version %d, but the view does not exist".formatted(expected)
                : "expected version %d, but the view is at version %d".formatted(expected, version);
        return List.of(Code.VERSION_CONFLICT.violation("expected_version", message));
    }

    private @Nullable FeatureView existing() {
        return current == null || current.getStatus() == ViewStatus.DROPPED ? null : current;
    }

    private RegistrationResult.Builder answer(RegistrationStatus status, String message) {
        FeatureView existing = existing();
        return RegistrationResult.newBuilder()
                .setRequestId(EventSize.cut(request.getRequestId(), Limits.ID_LENGTH))
                .setRequestDigest(digest)
                .setName(EventSize.cut(request.getName(), Limits.IDENTIFIER_LENGTH))
                .setStatus(status)
                .setSourceTable(sourceTable())
                .setMessage(message)
                .setVersion(existing == null ? null : existing.getVersion())
                .setAnsweredAt(now);
    }

    private String sourceTable() {
        TableSource source = request.getSource();
        if (source != null) {
            return "%s.%s.%s".formatted(source.getCatalog(), source.getSchema$(), source.getTableName());
        }
        FeatureView existing = existing();
        return existing == null ? "" : ViewTable.of(existing);
    }

    private static String success(RegistrationStatus status, FeatureView view) {
        int features = view.getFeatures().size();
        return "Feature view '%s' successfully %s from Iceberg %s layer with %d %s (offline store only)"
                .formatted(
                        view.getName(),
                        status == RegistrationStatus.REGISTERED
                                ? "registered"
                                : "updated to version %d".formatted(view.getVersion()),
                        view.getSource().getSchema$(),
                        features,
                        features == 1 ? "feature" : "features");
    }
}
