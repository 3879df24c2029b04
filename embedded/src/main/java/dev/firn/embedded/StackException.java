package dev.firn.embedded;

/// A failure of the embedded stack. If a part failed, the message names it and shows the last lines of its log.
public final class StackException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /// Why, for programs.
    public enum Code {
        /// A stack is already running on this folder.
        ALREADY_RUNNING,
        /// No stack has been started on this folder.
        NOT_FOUND,
        /// The project is not built: the jars of a part are missing.
        NOT_BUILT,
        /// A part exited or was not ready in time.
        PART_FAILED,
        /// Cannot read or write the data folder.
        FOLDER_UNUSABLE
    }

    private final Code code;

    StackException(Code code, String message) {
        super(message);
        this.code = code;
    }

    StackException(Code code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    public Code code() {
        return code;
    }
}
