package dev.firn.lake.columns;

/// A stored column is not what was written. Its reader reads the file of the table instead.
public final class DamagedColumnException extends Exception {
    private static final long serialVersionUID = 1L;

    DamagedColumnException(String message) {
        super(message);
    }
}
