package dev.firn.registration.view;

import dev.firn.registration.command.ViewCommand;
import dev.firn.registration.state.SavedHeader;
import java.util.List;

/// A registration that was accepted but not answered yet.
///
/// @param acceptedAtMillis when this service accepted it; its deadline counts from then
/// @param attempt validations started so far
/// @param dueAtMillis when the next attempt may start
public record PendingRegistration(
        ViewCommand.Register command, List<SavedHeader> headers, long acceptedAtMillis, int attempt, long dueAtMillis) {
    public PendingRegistration {
        headers = List.copyOf(headers);
    }

    PendingRegistration attempted() {
        return new PendingRegistration(command, headers, acceptedAtMillis, attempt + 1, dueAtMillis);
    }

    PendingRegistration dueAt(long millis) {
        return new PendingRegistration(command, headers, acceptedAtMillis, attempt, millis);
    }
}
