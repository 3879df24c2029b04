package dev.firn.retrieval.job;

import dev.firn.events.RetrievalRequest;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.TableName;
import dev.firn.lake.catalog.Catalogs;
import dev.firn.lake.catalog.LakeTable;
import dev.firn.lake.targets.Target;
import dev.firn.lake.targets.TargetTables;
import dev.firn.retrieval.job.Pinning.Pinned;
import dev.firn.retrieval.targets.RequestedTarget;
import dev.firn.schemas.Code;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.apache.iceberg.Schema;

/// Refuses a target table before any data is read. The commit checks all of it again, since tables change.
final class TargetCheck {
    private static final String FIELD = "target";

    private final Catalogs catalogs;
    private final List<LakeTable> inputs;
    private final Violations violations;

    /// @param inputs the tables that the request reads
    TargetCheck(Catalogs catalogs, Collection<LakeTable> inputs, Violations violations) {
        this.catalogs = catalogs;
        this.inputs = List.copyOf(inputs);
        this.violations = violations;
    }

    /// The target table, if it exists already and the request may replace its content.
    Optional<TargetTables.Existing> existing(RetrievalRequest request, String namespace) {
        try {
            Optional<Target> target = RequestedTarget.of(request, namespace);
            return target.isEmpty() ? Optional.empty() : checked(target.get());
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
