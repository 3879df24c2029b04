package dev.firn.retrieval.job;

import dev.firn.events.RetrievalRequest;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.TableName;
import dev.firn.lake.catalog.Catalogs;
import dev.firn.lake.catalog.LakeTable;
import dev.firn.lake.targets.MadeFrom;
import dev.firn.lake.targets.Target;
import dev.firn.lake.targets.TargetTables;
import dev.firn.retrieval.job.Pinning.Pinned;
import dev.firn.retrieval.targets.RequestedTarget;
import dev.firn.schemas.Code;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.iceberg.Schema;

/// Refuses a target table before any data is read. The commit checks all of it again, since tables change.
final class TargetCheck {
    private static final String FIELD = "target";

    private final Catalogs catalogs;
    private final List<LakeTable> inputs;
    private final List<LakeTable> followed;
    private final Violations violations;

    /// @param inputs the tables that the request reads
    /// @param followed those whose commits make another run of a standing retrieval due: read at the head of main
    TargetCheck(
            Catalogs catalogs, Collection<LakeTable> inputs, Collection<LakeTable> followed, Violations violations) {
        this.catalogs = catalogs;
        this.inputs = List.copyOf(inputs);
        this.followed = List.copyOf(followed);
        this.violations = violations;
    }

    /// The target table, if it exists already and the request may replace its content.
    Optional<TargetTables.Existing> existing(RetrievalRequest request, String namespace) {
        try {
            Optional<Target> target = RequestedTarget.of(request, namespace);
            Optional<TargetTables.Existing> existing = target.flatMap(this::checked);
            if (request.getStandingId() != null) {
                existing.ifPresent(this::refuseCycle);
            }
            return existing;
        } catch (LakeRejection rejection) {
            violations.add(rejection, FIELD);
            return Optional.empty();
        }
    }

    private Optional<TargetTables.Existing> checked(Target target) {
        if (inputs.stream().anyMatch(input -> isSameName(input.name(), target.table()))) {
            addInput(target);
            return Optional.empty();
        }
        Optional<TargetTables.Existing> existing = new TargetTables(catalogs).check(target);
        // one table may have a name in each of two catalogs
        if (existing.filter(
                        found -> inputs.stream().anyMatch(input -> input.uuid().equals(found.uuid())))
                .isPresent()) {
            addInput(target);
        }
        return existing;
    }

    /// UUIDs of the target tables that the rows of a run come from. A run without a target leaves no table
    /// that could be made from them, and a single request never runs again.
    Set<String> madeFrom(RetrievalRequest request) {
        return request.getTarget() == null || request.getStandingId() == null
                ? Set.of()
                : followed.stream()
                        .flatMap(input -> MadeFrom.reading(input.iceberg()).stream())
                        .collect(Collectors.toUnmodifiableSet());
    }

    /// A commit to the target would make the standing retrievals due that write an input, and these again this one.
    private void refuseCycle(TargetTables.Existing target) {
        followed.stream()
                .filter(input -> !input.uuid().equals(target.uuid()))
                .filter(input -> MadeFrom.reading(input.iceberg()).contains(target.uuid()))
                .findFirst()
                .ifPresent(input -> violations.add(
                        Code.TARGET_IS_INPUT,
                        FIELD,
                        "[%s] the request reads [%s], which other standing retrievals make from the target table, so each run would start the next one for ever; read it at a snapshot or tag, or read another table."
                                .formatted(target.target().table(), input.name())));
    }

    private static boolean isSameName(TableName one, TableName other) {
        return one.toString().equalsIgnoreCase(other.toString());
    }

    private void addInput(Target target) {
        violations.add(
                Code.TARGET_IS_INPUT,
                FIELD,
                "[%s] the target table is one of the tables that the request reads; name another one."
                        .formatted(target.table()));
    }

    /// Refuses a result whose columns the target table cannot take.
    static void requireFits(Pinned pinned, Schema result) {
        try {
            pinned.target().ifPresent(target -> target.requireFits(result));
        } catch (LakeRejection rejection) {
            throw RetrievalRejected.of(rejection, FIELD);
        }
    }
}
