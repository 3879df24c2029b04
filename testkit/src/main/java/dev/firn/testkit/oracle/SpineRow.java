package dev.firn.testkit.oracle;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One row of the spine.
///
/// @param keys in the order of the view's join keys; any may be null
/// @param timestampNanos nanoseconds since the epoch, exactly
public record SpineRow(
        List<@Nullable Object> keys, @Nullable BigInteger timestampNanos) {
    public SpineRow {
        keys = Collections.unmodifiableList(new ArrayList<>(keys));
    }

    /// A row with one key.
    public static SpineRow of(@Nullable Object key, @Nullable BigInteger timestampNanos) {
        return new SpineRow(Arrays.asList(key), timestampNanos);
    }
}
