package dev.firn.testkit.oracle;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One row of the table behind a feature view.
///
/// @param keys join keys in the view's order; any may be null
/// @param timestampNanos nanoseconds since the epoch, exactly
/// @param createdNanos also null if the view has no created column
/// @param tieOrder the order (data sequence number, file, position) as one number
/// @param values for the tests; the join ignores them
public record FeatureRow(
        List<@Nullable Object> keys,
        @Nullable BigInteger timestampNanos,
        @Nullable BigInteger createdNanos,
        long tieOrder,
        List<@Nullable Object> values) {
    public FeatureRow {
        keys = Collections.unmodifiableList(new ArrayList<>(keys));
        values = Collections.unmodifiableList(new ArrayList<>(values));
    }

    /// A row with one key and one value.
    public static FeatureRow of(
            @Nullable Object key,
            @Nullable BigInteger timestampNanos,
            @Nullable BigInteger createdNanos,
            long tieOrder,
            @Nullable Object value) {
        return new FeatureRow(Arrays.asList(key), timestampNanos, createdNanos, tieOrder, Arrays.asList(value));
    }
}
