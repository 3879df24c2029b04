package dev.firn.retrieval.spine;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.iceberg.io.InputFile;
import org.jspecify.annotations.Nullable;

/// A file of a spine.
///
/// @param folders the columns that its folders name, in the order of the path: see [HiveFolders]
public record SpineFile(InputFile input, Map<String, @Nullable String> folders) {
    public SpineFile {
        folders = Collections.unmodifiableMap(new LinkedHashMap<>(folders));
    }
}
