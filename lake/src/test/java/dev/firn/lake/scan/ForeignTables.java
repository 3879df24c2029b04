package dev.firn.lake.scan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.embedded.StackAddresses;
import dev.firn.lake.Access;
import dev.firn.lake.TableName;
import dev.firn.lake.catalog.Catalogs;
import dev.firn.lake.catalog.LakeTable;
import dev.firn.lake.catalog.SnapshotChoice;
import dev.firn.testkit.TestStack;
import dev.firn.testkit.Trino;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;

/// Tables of another writer in their own schema on the stack, compared snapshot by snapshot. The first column is the
/// key, the second the timestamp.
final class ForeignTables implements AutoCloseable {
    private static final FeatureColumns COLUMNS = new FeatureColumns(List.of(1), 2, null, null);

    final String schema;
    private final Trino trino;
    private final Catalogs catalogs;

    /// For each table, the number of rows with a timestamp that the writer itself reads at the head.
    private Map<String, Integer> written = Map.of();

    ForeignTables(TestStack stack) {
        trino = stack.trino();
        schema = trino.newSchema();
        Map<String, String> properties = stack.addresses().icebergCatalogProperties();
        catalogs = Catalogs.of(
                Map.of(StackAddresses.CATALOG, properties),
                properties,
                new Access(Set.of(StackAddresses.CATALOG), Set.of(), List.of("s3://lake/spines"), "s3://lake/results"));
    }

    /// @param lines each line is the name of a table and its number of rows
    void wrote(List<String> lines) {
        written = lines.stream()
                .map(line -> line.split(" "))
                .collect(Collectors.toMap(line -> line[0], line -> Integer.parseInt(line[1])));
    }

    /// Reads and joins the head, and reads every earlier snapshot that the table lists.
    void compare(String table, ThreeReaders.Comparison readers, int leastSnapshots) {
        LakeTable loaded = catalogs.load(name(table));
        BruteForceCheck.joins(
                catalogs.open(loaded, loaded.pin(SnapshotChoice.head())),
                COLUMNS,
                trino,
                name(table).toString(),
                new Random(1),
                table);
        assertThat(compared(loaded, SnapshotChoice.head(), readers, "", table + "'s head"))
                .hasSize(Objects.requireNonNull(written.get(table)));
        List<Long> earlier = new ArrayList<>();
        loaded.iceberg().snapshots().forEach(snapshot -> earlier.add(snapshot.snapshotId()));
        earlier.remove(loaded.snapshotId(null).orElseThrow());
        assertThat(earlier).hasSizeGreaterThanOrEqualTo(leastSnapshots - 1);
        for (long id : earlier) {
            String version = " FOR VERSION AS OF " + id;
            compared(loaded, new SnapshotChoice.ById(id), readers, version, table + version);
        }
    }

    void compareWithoutTrino(String table) {
        LakeTable loaded = catalogs.load(name(table));
        assertThat(ThreeReaders.asIceberg(catalogs.open(loaded, loaded.pin(SnapshotChoice.head())), COLUMNS, table))
                .hasSize(Objects.requireNonNull(written.get(table)));
    }

    void compareRef(String table, String ref) {
        compared(
                catalogs.load(name(table)),
                new SnapshotChoice.Head(ref),
                ThreeReaders::agree,
                " FOR VERSION AS OF '" + ref + "'",
                table + " at " + ref);
    }

    private List<String> compared(
            LakeTable table, SnapshotChoice choice, ThreeReaders.Comparison readers, String version, String what) {
        return readers.rows(catalogs.open(table, table.pin(choice)), COLUMNS, trino, table.name() + version, what);
    }

    private TableName name(String table) {
        return new TableName(StackAddresses.CATALOG, schema, table);
    }

    @Override
    public void close() {
        catalogs.close();
    }
}
