package dev.firn.lake.scan;

import dev.firn.lake.catalog.PinnedTable;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
        return trusted(manifest)
                .map(summaries -> evaluators
                        .computeIfAbsent(
                                manifest.partitionSpecId(),
                                id -> ManifestEvaluator.forPartitionFilter(partitions(manifest), spec(manifest), true))
                        .eval(new SummarizedManifest(manifest, summaries)))
                .orElse(true);
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

    /// The summaries as far as they can be trusted: as many as the spec has fields, each with two bounds, none with a
    /// least value above the greatest. Empty otherwise. Iceberg takes a missing bound for "only nulls".
    private Optional<List<PartitionFieldSummary>> trusted(ManifestFile manifest) {
        List<PartitionFieldSummary> summaries = manifest.partitions();
        PartitionSpec spec = spec(manifest);
        List<NestedField> fields = spec.partitionType().fields();
        if (summaries == null || summaries.size() != fields.size()) {
            return Optional.empty();
        }
        List<PartitionFieldSummary> trusted = new ArrayList<>();
        try {
            for (int i = 0; i < fields.size(); i++) {
                PartitionFieldSummary summary = summaries.get(i);
                // no filter is ever projected onto a void field
                if (!spec.fields().get(i).transform().isVoid()) {
                    Optional<PartitionFieldSummary> widened =
                            widened(fields.get(i).type().asPrimitiveType(), summary);
                    if (widened.isEmpty()) {
                        return Optional.empty();
                    }
                    summary = widened.get();
                }
                trusted.add(summary);
            }
            return Optional.of(trusted);
        } catch (RuntimeException unreadable) {
            return Optional.empty();
        }
    }

    /// Raises a greatest string as [ValueRange] does it for files. Times may have been cut to milliseconds or seconds,
    /// so their bounds prove nothing here.
    private static Optional<PartitionFieldSummary> widened(Type.PrimitiveType type, PartitionFieldSummary summary) {
        ByteBuffer min = summary.lowerBound();
        ByteBuffer max = summary.upperBound();
        if (min == null || max == null || compare(type, min, max) > 0) {
            return Optional.empty();
        }
        return switch (type.typeId()) {
            case TIME, TIMESTAMP, TIMESTAMP_NANO -> Optional.empty();
            case STRING, BINARY, FIXED -> ValueRange.above(type, max).map(above -> new WidenedSummary(summary, above));
            default -> Optional.of(summary);
        };
    }

    private static int compare(Type.PrimitiveType type, ByteBuffer a, ByteBuffer b) {
        Comparator<Object> order = Comparators.forType(type);
        return order.compare(Conversions.fromByteBuffer(type, a), Conversions.fromByteBuffer(type, b));
    }

    private record WidenedSummary(PartitionFieldSummary stored, ByteBuffer upperBound)
            implements PartitionFieldSummary {
        @Override
        public boolean containsNull() {
            return stored.containsNull();
        }

        @Override
        public Boolean containsNaN() {
            return stored.containsNaN();
        }

        @Override
        public ByteBuffer lowerBound() {
            return stored.lowerBound();
        }

        @Override
        public PartitionFieldSummary copy() {
            return this;
        }
    }
}
