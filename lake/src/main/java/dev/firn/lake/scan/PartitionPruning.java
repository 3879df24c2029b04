package dev.firn.lake.scan;

import dev.firn.lake.catalog.PinnedTable;
import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFile.PartitionFieldSummary;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.ManifestEvaluator;
import org.apache.iceberg.expressions.Projections;
import org.apache.iceberg.types.Comparators;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types.NestedField;

/// Leaves out manifests and files by partition. A manifest whose summary cannot be right is read. For one thread.
final class PartitionPruning {
    private final PinnedTable table;
    private final Expression filter;
    private final Map<Integer, Expression> partitions = new HashMap<>();
    private final Map<Integer, ManifestEvaluator> evaluators = new HashMap<>();

    PartitionPruning(PinnedTable table, Expression filter) {
        this.table = table;
        this.filter = filter;
    }

    /// What the filter says about the partitions of a manifest's files.
    Expression partitions(ManifestFile manifest) {
        return partitions.computeIfAbsent(
                manifest.partitionSpecId(),
                id -> Projections.inclusive(spec(manifest), true).project(filter));
    }

    boolean mightMatch(ManifestFile manifest) {
        return !isSound(manifest)
                || evaluators
                        .computeIfAbsent(
                                manifest.partitionSpecId(),
                                id -> ManifestEvaluator.forPartitionFilter(partitions(manifest), spec(manifest), true))
                        .eval(manifest);
    }

    PartitionSpec spec(ManifestFile manifest) {
        PartitionSpec spec = table.iceberg().specs().get(manifest.partitionSpecId());
        if (spec == null) {
            throw ScanPlanner.unsupported(
                    table,
                    "manifest %s has unknown partition spec %d".formatted(manifest.path(), manifest.partitionSpecId()));
        }
        return spec;
    }

    /// Whether the summary has as many fields as the spec, each of them two bounds, and none whose least value is
    /// above the greatest. Iceberg takes a missing bound for "only nulls". Times may have been cut to
    /// milliseconds or seconds, so their bounds prove nothing.
    private boolean isSound(ManifestFile manifest) {
        List<PartitionFieldSummary> summaries = manifest.partitions();
        PartitionSpec spec = spec(manifest);
        List<NestedField> fields = spec.partitionType().fields();
        if (summaries == null || summaries.size() != fields.size()) {
            return false;
        }
        try {
            for (int i = 0; i < fields.size(); i++) {
                // no filter is ever projected onto a void field
                if (!spec.fields().get(i).transform().isVoid()
                        && !isSound(fields.get(i).type().asPrimitiveType(), summaries.get(i))) {
                    return false;
                }
            }
            return true;
        } catch (RuntimeException unreadable) {
            return false;
        }
    }

    private static boolean isSound(Type.PrimitiveType type, PartitionFieldSummary summary) {
        ByteBuffer min = summary.lowerBound();
        ByteBuffer max = summary.upperBound();
        return switch (type.typeId()) {
            case TIME, TIMESTAMP, TIMESTAMP_NANO -> false;
            default -> min != null && max != null && compare(type, min, max) <= 0;
        };
    }

    private static int compare(Type.PrimitiveType type, ByteBuffer a, ByteBuffer b) {
        Comparator<Object> order = Comparators.forType(type);
        return order.compare(Conversions.fromByteBuffer(type, a), Conversions.fromByteBuffer(type, b));
    }
}
