package dev.firn.lake.scan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.lake.catalog.PinnedTable;
import dev.firn.testkit.Trino;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types.NestedField;

/// The rows of one snapshot as returned by Firn's scan, Trino and Iceberg's generic reader.
final class ThreeReaders {
    /// Compares some of the readers.
    @FunctionalInterface
    interface Comparison {
        List<String> rows(PinnedTable pinned, FeatureColumns columns, Trino trino, String source, String what);
    }

    private static final int SHOWN = 5;

    private ThreeReaders() {}

    /// Compares the three and returns what they agree on.
    ///
    /// @param source the text after FROM in Trino
    static List<String> agree(PinnedTable pinned, FeatureColumns columns, Trino trino, String source, String what) {
        List<String> answered = asTrino(pinned, columns, trino, source, what);
        assertSame("Iceberg's generic reader", generic(pinned, columns), "Trino", answered, what);
        return answered;
    }

    /// Without Iceberg's generic reader, where it is known to be wrong.
    static List<String> asTrino(PinnedTable pinned, FeatureColumns columns, Trino trino, String source, String what) {
        List<String> answered = TrinoAnswers.rows(trino, pinned.schema(), source, timestamp(pinned, columns));
        assertSame("Firn", scanned(pinned, columns), "Trino", answered, what);
        return answered;
    }

    /// Without Trino, where it cannot read the files.
    static List<String> asIceberg(PinnedTable pinned, FeatureColumns columns, String what) {
        List<String> read = generic(pinned, columns);
        assertSame("Firn", scanned(pinned, columns), "Iceberg's generic reader", read, what);
        return read;
    }

    private static List<String> scanned(PinnedTable pinned, FeatureColumns columns) {
        return new ScannedRows(pinned, columns, ScanBounds.NONE, new ScanSettings(2, 97), TrinoAnswers::text).rows;
    }

    /// Shows only a few of the rows that differ.
    private static void assertSame(String one, List<String> rows, String other, List<String> others, String what) {
        List<String> differ = new ArrayList<>();
        without(rows, others).forEach(row -> differ.add(one + " alone has " + row));
        without(others, rows).forEach(row -> differ.add(other + " alone has " + row));
        assertThat(differ).as(what).isEmpty();
    }

    private static List<String> without(List<String> rows, List<String> others) {
        Map<String, Integer> left = new HashMap<>();
        others.forEach(row -> left.merge(row, 1, Integer::sum));
        return rows.stream()
                .filter(row -> left.merge(row, -1, Integer::sum) < 0)
                .limit(SHOWN)
                .toList();
    }

    private static String timestamp(PinnedTable pinned, FeatureColumns columns) {
        return pinned.schema().findColumnName(columns.timestampFieldId());
    }

    private static List<String> generic(PinnedTable pinned, FeatureColumns columns) {
        String timestamp = timestamp(pinned, columns);
        long snapshot = Objects.requireNonNull(pinned.pin().snapshotId());
        List<String> rows = new ArrayList<>();
        try (CloseableIterable<Record> records = IcebergGenerics.read(pinned.iceberg())
                .useSnapshot(snapshot)
                .project(pinned.schema())
                .build()) {
            for (Record record : records) {
                if (record.getField(timestamp) != null) {
                    List<String> row = new ArrayList<>();
                    for (NestedField field : pinned.schema().columns()) {
                        row.add(TrinoAnswers.text(record.getField(field.name())));
                    }
                    rows.add(row.toString());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        rows.sort(null);
        return rows;
    }
}
