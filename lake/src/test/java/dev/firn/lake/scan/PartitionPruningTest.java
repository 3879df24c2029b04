package dev.firn.lake.scan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.lake.catalog.PinnedTable;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFile.PartitionFieldSummary;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PartitionPruningTest {
    private static final Schema SCHEMA = new Schema(NestedField.optional(1, "id", Types.LongType.get()));

    private record Summary(
            @Nullable ByteBuffer lowerBound, @Nullable ByteBuffer upperBound) implements PartitionFieldSummary {
        @Override
        public boolean containsNull() {
            return true;
        }

        @Override
        public PartitionFieldSummary copy() {
            return this;
        }
    }

    /// Iceberg takes one for "only nulls".
    @Test
    void aManifestWithoutABoundIsRead(@TempDir Path folder) {
        FeatureTable table = FeatureTable.create(
                folder, SCHEMA, PartitionSpec.builderFor(SCHEMA).identity("id").build(), 2);
        table.append(List.of(table.row("id", 5L)));
        PinnedTable pinned = table.head();
        ManifestFile manifest =
                pinned.iceberg().currentSnapshot().dataManifests(pinned.io()).getFirst();
        ByteBuffer five = Conversions.toByteBuffer(Types.LongType.get(), 5L);

        assertThat(mightMatch(pinned, manifest, new Summary(five, five), 5L)).isTrue();
        assertThat(mightMatch(pinned, manifest, new Summary(five, five), 6L)).isFalse();
        assertThat(mightMatch(pinned, manifest, new Summary(null, five), 5L)).isTrue();
        assertThat(mightMatch(pinned, manifest, new Summary(five, null), 5L)).isTrue();
        assertThat(mightMatch(pinned, manifest, new Summary(null, null), 5L)).isTrue();
    }

    private static boolean mightMatch(PinnedTable table, ManifestFile manifest, Summary summary, long id) {
        ManifestFile summarized = (ManifestFile) Proxy.newProxyInstance(
                ManifestFile.class.getClassLoader(),
                new Class<?>[] {ManifestFile.class},
                (_, method, args) ->
                        method.getName().equals("partitions") ? List.of(summary) : method.invoke(manifest, args));
        return new PartitionPruning(table, Expressions.equal("id", id)).mightMatch(summarized);
    }
}
