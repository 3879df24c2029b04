package dev.firn.lake.columns;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// What a stored column holds: the values of one column chunk of one version of a file, as one table reads them.
///
/// @param table whose file it is; another table that names the same file finds nothing
/// @param version of the file: its ETag, or its length where the store names none
/// @param column the path of the column in the file
/// @param reading how its values are converted; the same bytes may be read as another type after an evolution
public record ColumnKey(String table, String location, String version, int rowGroup, String column, String reading) {
    private static final int NAME_BYTES = 20;

    /// The key as bytes, unlike those of every other key.
    byte[] bytes() {
        StringBuilder text = new StringBuilder();
        for (String part : new String[] {table, location, version, String.valueOf(rowGroup), column, reading}) {
            text.append(part.length()).append(':').append(part);
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    /// The name of its file. It tells nothing about the key.
    String fileName() {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes());
            return HexFormat.of().formatHex(digest, 0, NAME_BYTES) + ColumnFolder.SUFFIX;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
