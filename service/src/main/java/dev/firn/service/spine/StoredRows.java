package dev.firn.service.spine;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.firn.config.FirnConfig;
import dev.firn.config.Settings;
import dev.firn.events.Spine;
import dev.firn.schemas.Limits;
import dev.firn.schemas.Namespace;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The inline rows of a standing retrieval as they are stored: one JSON document
/// `{"columns": [...], "rows": [[...], ...]}` under a name that is the digest of its content. Writing the same
/// rows twice gives the same file, and no run ever sees another's rows.
///
/// The registration service writes it and workers read it, both with this class.
///
/// @param columns names of the columns
/// @param rows values as text
public record StoredRows(List<String> columns, List<List<@Nullable String>> rows) {
    /// The most bytes of JSON for one byte of an event: a control character becomes `\u0001`. A null takes five.
    private static final int JSON_BYTES_PER_EVENT_BYTE = 6;

    private static final int BYTES_AROUND_COLUMNS_AND_ROWS = 64;

    /// The largest document that is read. Larger events are refused when they are decoded, so whatever is stored can be
    /// read.
    public static final int MAX_BYTES = JSON_BYTES_PER_EVENT_BYTE * Limits.EVENT_BYTES + BYTES_AROUND_COLUMNS_AND_ROWS;

    private static final ObjectMapper JSON = new ObjectMapper();

    public StoredRows {
        columns = List.copyOf(columns);
    }

    /// The rows that an event holds.
    public static StoredRows of(Spine inline) {
        return new StoredRows(inline.getColumns(), inline.getRows());
    }

    /// @throws IllegalArgumentException if the bytes are another document
    public static StoredRows parse(byte[] bytes, String location) {
        try {
            return JSON.readValue(bytes, StoredRows.class);
        } catch (IOException e) {
            throw new IllegalArgumentException("[%s] is not a JSON document of rows.".formatted(location), e);
        }
    }

    public byte[] toBytes() {
        try {
            return JSON.writeValueAsBytes(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("lists of strings can always be written as JSON", e);
        }
    }

    /// The folder of all documents of a deployment: `<spines>/<namespace>`. It lies apart from the results, which a
    /// life-cycle rule may delete.
    public static String folder(FirnConfig config) {
        return new Namespace(config.namespace()).folder(Settings.spinesLocation(config));
    }

    /// Where the document goes: `<folder>/<standing id>/<sha256>.json`.
    ///
    /// @param content [#toBytes()]
    public static String location(String folder, String standingId, byte[] content) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
            return "%s/%s/%s.json".formatted(folder, standingId, HexFormat.of().formatHex(digest));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /// The spine that runs carry instead: the same without its rows, with the location that holds them.
    public static Spine spineAt(Spine inline, String location) {
        return Spine.newBuilder(inline)
                .setRows(List.of())
                .setLocations(List.of(location))
                .build();
    }
}
