package dev.firn.lake.scan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.lake.catalog.PinnedTable;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFile.PartitionFieldSummary;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Type;
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

    /// Whatever begins with the greatest value may be in the manifest; the least value and what is surely above are
    /// believed.
    @Test
    void aGreatestStringThatItsWriterCutHidesNoManifest(@TempDir Path folder) {
        Types.StringType type = Types.StringType.get();
        PinnedTable pinned = partitionedBy(folder, type, "berlin-mitte");
        ManifestFile manifest =
                pinned.iceberg().currentSnapshot().dataManifests(pinned.io()).getFirst();
        Function<String, Summary> cutTo =
                max -> new Summary(Conversions.toByteBuffer(type, "b"), Conversions.toByteBuffer(type, max));

        assertThat(mightMatch(pinned, manifest, cutTo.apply("berlin"), "berlin-mitte"))
                .isTrue();
        assertThat(mightMatch(pinned, manifest, cutTo.apply("berlin"), "bern")).isFalse();
        assertThat(mightMatch(pinned, manifest, cutTo.apply("berlin"), "aachen"))
                .isFalse();
        assertThat(mightMatch(pinned, manifest, cutTo.apply("b\u007f"), "b\u007fx"))
                .as("the last byte is not the last character")
                .isTrue();
        assertThat(mightMatch(pinned, manifest, cutTo.apply("b\ud7ff"), "b\ud7ffx"))
                .as("surrogates follow")
                .isTrue();
        assertThat(mightMatch(pinned, manifest, cutTo.apply("b\ud7ff"), "b\uf000"))
                .isFalse();
        assertThat(mightMatch(pinned, manifest, cutTo.apply("b\udbff\udfff"), "b\udbff\udfffx"))
                .as("the last character there is")
                .isTrue();
        assertThat(mightMatch(pinned, manifest, cutTo.apply("b\udbff\udfff"), "d"))
                .isFalse();
        Summary empty = new Summary(Conversions.toByteBuffer(type, ""), Conversions.toByteBuffer(type, ""));
        assertThat(mightMatch(pinned, manifest, empty, "x"))
                .as("everything begins with an empty string")
                .isTrue();
    }

    @Test
    void aGreatestBinaryValueThatItsWriterCutHidesNoManifest(@TempDir Path folder) {
        PinnedTable pinned = partitionedBy(folder, Types.BinaryType.get(), ByteBuffer.wrap(new byte[] {1, 2, 3}));
        ManifestFile manifest =
                pinned.iceberg().currentSnapshot().dataManifests(pinned.io()).getFirst();
        ByteBuffer min = ByteBuffer.wrap(new byte[] {1});
        Summary cut = new Summary(min, ByteBuffer.wrap(new byte[] {1, (byte) 0xFF}));

        assertThat(mightMatch(pinned, manifest, cut, ByteBuffer.wrap(new byte[] {1, (byte) 0xFF, 3})))
                .isTrue();
        assertThat(mightMatch(pinned, manifest, cut, ByteBuffer.wrap(new byte[] {3})))
                .isFalse();
    }

    private static PinnedTable partitionedBy(Path folder, Type type, Object id) {
        Schema schema = new Schema(NestedField.optional(1, "id", type));
        FeatureTable table = FeatureTable.create(
                folder, schema, PartitionSpec.builderFor(schema).identity("id").build(), 2);
        table.append(List.of(table.row("id", id)));
        return table.head();
    }

    private static boolean mightMatch(PinnedTable table, ManifestFile manifest, Summary summary, Object id) {
        ManifestFile summarized = (ManifestFile) Proxy.newProxyInstance(
                ManifestFile.class.getClassLoader(),
                new Class<?>[] {ManifestFile.class},
                (_, method, args) ->
                        method.getName().equals("partitions") ? List.of(summary) : method.invoke(manifest, args));
        return new PartitionPruning(table, Expressions.equal("id", id)).mightMatch(summarized);
    }
}
