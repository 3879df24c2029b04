package dev.firn.registration.standing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.firn.events.Spine;
import dev.firn.lake.catalog.Catalogs;
import dev.firn.registration.state.Digests;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Stores inline spines below the results, as one JSON document `{"columns": [...], "rows": [[...], ...]}` under a name
/// that is the digest of its content: written twice it is the same file, and no run ever sees another's rows.
public final class ResultsSpineStore implements SpineStore {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Catalogs catalogs;
    private final String folder;

    /// @param folder the namespace's folder of results
    public ResultsSpineStore(Catalogs catalogs, String folder) {
        this.catalogs = catalogs;
        this.folder = folder;
    }

    @Override
    public Spine stored(String standingId, Spine inline) {
        byte[] content = json(inline);
        String location = "%s/_standing/%s/%s.json".formatted(folder, standingId, Digests.sha256Hex(content));
        catalogs.storage().putIfAbsent(location, content);
        return Spine.newBuilder(inline)
                .setRows(List.of())
                .setLocations(List.of(location))
                .build();
    }

    private static byte[] json(Spine inline) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("columns", inline.getColumns());
        document.put("rows", inline.getRows());
        try {
            return JSON.writeValueAsBytes(document);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("lists of strings are always JSON", e);
        }
    }
}
