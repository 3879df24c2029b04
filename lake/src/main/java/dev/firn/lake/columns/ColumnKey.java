package dev.firn.lake.columns;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// What a stored column holds: the values of one column chunk of one version of a file, as one table reads them.
public final class ColumnKey {
    private static final int NAME_BYTES = 20;

    private final byte[] bytes;
    private final String fileName;

    /// @param table whose file it is; another table that names the same file finds nothing
    /// @param version of the file: its ETag, or its length where the store names none
    /// @param column the path of the column in the file
    /// @param reading how its values are converted; the same bytes may be read as another type after an evolution
    public ColumnKey(String table, String location, String version, int rowGroup, String column, String reading) {
        StringBuilder text = new StringBuilder();
        for (String part : new String[] {table, location, version, String.valueOf(rowGroup), column, reading}) {
            text.append(part.length()).append(':').append(part);
        }
        this.bytes = text.toString().getBytes(StandardCharsets.UTF_8);
        this.fileName = HexFormat.of().formatHex(sha256(bytes), 0, NAME_BYTES) + ColumnFolder.SUFFIX;
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /// The key as bytes, unlike those of every other key.
    byte[] bytes() {
        return bytes;
    }

    /// The name of its file. It tells nothing about the key.
    String fileName() {
        return fileName;
    }
}
