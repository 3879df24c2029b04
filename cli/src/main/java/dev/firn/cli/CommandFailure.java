package dev.firn.cli;

import org.jspecify.annotations.Nullable;

/// Ends a command with a sentence for people and an exit code for scripts.
final class CommandFailure extends RuntimeException {
    private final ExitCode exitCode;

    CommandFailure(ExitCode exitCode, String message) {
        this(exitCode, message, null);
    }

    CommandFailure(ExitCode exitCode, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.exitCode = exitCode;
    }

    ExitCode exitCode() {
        return exitCode;
    }

    static CommandFailure usage(String message) {
        return new CommandFailure(ExitCode.USAGE, message);
    }

    static CommandFailure notReachable(String message, @Nullable Throwable cause) {
        return new CommandFailure(ExitCode.NOT_REACHABLE, message, cause);
    }
}
