package dev.firn.service.result;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/// What a successful run of a standing retrieval leaves behind for the next one, apart from its result: a file beside
/// the attempt's notes, named in the manifest. Whoever finds it missing, damaged, or of another format or definition
/// runs in full.
///
/// @param format version of the file's format and of the rules by which it is used
/// @param definition fingerprint of what was asked, and of how it was bound to the tables
/// @param sha256 in lower-case hex
public record RunState(int format, String definition, String location, long rows, long bytes, String sha256) {
    /// The name of the file.
    public static final String FILE = "state.parquet";

    /// Where the state of a try is.
    ///
    /// @param folder of the try's files
    public static String location(String folder) {
        return ResultLayout.besideOf(folder) + "/" + FILE;
    }

    ObjectNode toJson(ObjectMapper mapper) {
        return mapper.createObjectNode()
                .put("format", format)
                .put("definition", definition)
                .put("location", location)
                .put("rows", rows)
                .put("bytes", bytes)
                .put("sha256", sha256);
    }

    static Optional<RunState> parse(JsonNode json) {
        return json.isObject()
                ? Optional.of(new RunState(
                        json.path("format").asInt(0),
                        json.path("definition").asText(""),
                        json.path("location").asText(""),
                        json.path("rows").asLong(-1),
                        json.path("bytes").asLong(-1),
                        json.path("sha256").asText("")))
                : Optional.empty();
    }
}
