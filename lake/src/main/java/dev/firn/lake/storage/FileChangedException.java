package dev.firn.lake.storage;

/// A file is not the one that it should be: it was overwritten or cut off, while Firn read it or before.
/// Another try reads the same. The caller knows whether that is a file of a table or of a spine.
public final class FileChangedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public FileChangedException(String message) {
        super(message);
    }
}
