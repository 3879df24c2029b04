package dev.firn.lake.storage;

/// A file as a store lists it.
///
/// @param location its location, `s3://…`
/// @param bytes its size in bytes
/// @param etag changes with the content; empty if the store did not list one, as while the file is being written.
///     [Storage#etag] asks for it
public record StoredFile(String location, long bytes, String etag) {
    public StoredFile {
        if (bytes < 0) {
            throw new IllegalArgumentException("[" + location + "] bytes is negative: " + bytes);
        }
    }
}
