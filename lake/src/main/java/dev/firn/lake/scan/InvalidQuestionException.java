package dev.firn.lake.scan;

import org.jspecify.annotations.Nullable;

/// An [InspectionRequest] does not fit the file or table. The message is for the user.
public final class InvalidQuestionException extends RuntimeException {
    InvalidQuestionException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
