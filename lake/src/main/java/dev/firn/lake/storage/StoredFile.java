package dev.firn.lake.storage;

/// A file as a store lists it.
///
/// @param location where it lies, `s3://…`
/// @param bytes its size
/// @param etag the store's mark of its content; another content has another one
public record StoredFile(String location, long bytes, String etag) {
    public StoredFile {
        if (bytes < 0) {
            throw new IllegalArgumentException("[" + location + "] bytes is negative: " + bytes);
        }
    }
}
