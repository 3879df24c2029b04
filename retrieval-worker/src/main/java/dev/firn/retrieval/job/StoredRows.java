package dev.firn.retrieval.job;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.firn.events.Spine;
import dev.firn.lake.catalog.Catalogs;
import dev.firn.schemas.Code;
import dev.firn.schemas.Limits;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Inline rows of a standing retrieval, which the registration service stores once below the results instead of
/// repeating them in every run: `{"columns": [...], "rows": [[...], ...]}`.
final class StoredRows {
    /// Escapes and quotes of JSON beside the values that the limit counts.
    private static final int MAX_BYTES = 8 * Limits.INLINE_SPINE_BYTES;

    private static final ObjectMapper JSON = new ObjectMapper();

    private record Document(List<String> columns, List<List<@Nullable String>> rows) {}

    private StoredRows() {}

    /// The rows of the spine itself, or those at its one location.
    static List<List<@Nullable String>> of(Spine spine, Catalogs catalogs) {
        if (!spine.getRows().isEmpty() || spine.getLocations().isEmpty()) {
            return spine.getRows();
        }
        String location =
                catalogs.access().result(spine.getLocations().getFirst()).toString();
        byte[] content = catalogs.storage().read(location, MAX_BYTES);
        try {
            return JSON.readValue(content, new TypeReference<Document>() {}).rows();
        } catch (IOException e) {
            throw new RetrievalRejected(
                    Code.SPINE_UNREADABLE, "spine.locations[0]", "[%s] holds no rows as JSON.".formatted(location));
        }
    }
}
