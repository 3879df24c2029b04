package dev.firn.embedded;

/// The embedded stack cannot do what was asked. The message names the part, its log file and that file's last lines.
public final class StackException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /// Why, for programs.
    public enum Code {
        /// Another process runs a stack on this folder.
        ALREADY_RUNNING,
        /// No stack was ever started on this folder.
        NOT_FOUND,
        /// The jars of a part are missing: the project is not built.
        NOT_BUILT,
        /// A part ended, or was not ready within its limit.
        PART_FAILED,
        /// The data folder cannot be read or written.
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
