package dev.firn.cli.command;

import org.jspecify.annotations.Nullable;

/// Ends a command with a message for people and an exit code for scripts.
public final class CommandFailure extends RuntimeException {
    private final ExitCode exitCode;

    public CommandFailure(ExitCode exitCode, String message) {
        this(exitCode, message, null);
    }

    public CommandFailure(ExitCode exitCode, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.exitCode = exitCode;
    }

    public ExitCode exitCode() {
        return exitCode;
    }

    public static CommandFailure usage(String message) {
        return new CommandFailure(ExitCode.USAGE, message);
    }

    public static CommandFailure notReachable(String message, @Nullable Throwable cause) {
        return new CommandFailure(ExitCode.NOT_REACHABLE, message, cause);
    }
}
