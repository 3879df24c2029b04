package dev.firn.gateway.access;

import java.util.Optional;

/// What the name of a caller may be. It stands in headers of events, which are of limited length, and decides
/// who reads a result.
final class PrincipalName {
    /// In UTF-8 it fits into a header that is copied to answers.
    static final int MAX_LENGTH = 255;

    private PrincipalName() {}

    /// Why no caller may have the name; empty if one may.
    static Optional<String> problem(String name) {
        if (name.isBlank()) {
            // the events of a producer on Kafka name nobody
            return Optional.of("is blank");
        }
        if (name.equals(Caller.ANONYMOUS)) {
            return Optional.of("is the name of every caller of a gateway without authentication");
        }
        if (name.length() > MAX_LENGTH) {
            return Optional.of("has more than %d characters".formatted(MAX_LENGTH));
        }
        return name.chars().anyMatch(Character::isISOControl)
                ? Optional.of("has a control character")
                : Optional.empty();
    }
}
