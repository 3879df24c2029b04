package dev.firn.lake.scan;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What an inspection looks for.
///
/// @param keys a value by column, as text; if not empty, only rows with these values are looked for
/// @param time null for any time
/// @param allValues whether to read all values and compare them with bounds and indexes
public record InspectionRequest(
        Map<String, String> keys, @Nullable Times time, boolean allValues) {
    /// Looks for nothing, and reads no values.
    public static final InspectionRequest NOTHING = new InspectionRequest(Map.of(), null, false);

    /// Rows of these times only, both included.
    public record Times(String column, Instant earliest, Instant latest) {}

    public InspectionRequest {
        keys = new LinkedHashMap<>(keys);
    }

    boolean looksForRows() {
        return !keys.isEmpty() || time != null;
    }
}
