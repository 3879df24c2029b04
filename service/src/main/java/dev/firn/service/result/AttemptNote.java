package dev.firn.service.result;

import java.util.Arrays;
import java.util.Optional;

/// Something that is noted about an attempt, as a file in the folder beside its files:
/// `<attempt>/_<token>/<file>`. The name says it all, so that one listing of a request's folder tells the state
/// of its attempts. The content is JSON for people, and for the gateway: `principal` is who asked, as the
/// request's header says. Notes are only added: none is changed, deleted or written under the token of another
/// attempt.
///
/// @param attempt from 1
/// @param token of the attempt's first try, by which the attempt is known
public record AttemptNote(int attempt, String token, Kind kind) {
    private static final int MAX_ATTEMPT_DIGITS = 9;

    /// The field of a claim that says who asked through the gateway; empty if nobody did. As in [Manifest#principal],
    /// a producer can write anything there.
    public static final String PRINCIPAL = "principal";

    /// What is noted.
    public enum Kind {
        /// A worker has begun the attempt; others may run beside it in the same process.
        CLAIM("claim.json"),
        /// A worker has begun the attempt, and nothing runs beside it in the same process.
        CLAIM_ALONE("claim-alone.json"),
        /// The attempt failed, and its process lives.
        FAILED("failed.json"),
        /// The worker gave the attempt up by choice, because the request moved to another worker. It does not count.
        WITHDRAWN("withdrawn.json");

        private final String file;

        Kind(String file) {
            this.file = file;
        }

        public String file() {
            return file;
        }
    }

    /// Reads the note that a file is.
    ///
    /// @param location of a file in the request's folder
    public static Optional<AttemptNote> parse(ResultLayout layout, String requestId, String location) {
        String folder = layout.requestFolder(requestId) + "/";
        if (!location.startsWith(folder)) {
            return Optional.empty();
        }
        String[] path = location.substring(folder.length()).split("/", -1);
        if (path.length != 3 || !isAttempt(path[0]) || !path[1].startsWith("_")) {
            return Optional.empty();
        }
        return Arrays.stream(Kind.values())
                .filter(kind -> kind.file().equals(path[2]))
                .map(kind -> new AttemptNote(Integer.parseInt(path[0]), path[1].substring(1), kind))
                .findFirst();
    }

    private static boolean isAttempt(String name) {
        return !name.isEmpty()
                && name.length() <= MAX_ATTEMPT_DIGITS
                && name.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    /// Whether it says that a worker has begun the attempt.
    public boolean isClaim() {
        return kind == Kind.CLAIM || kind == Kind.CLAIM_ALONE;
    }

    public String location(ResultLayout layout, String requestId) {
        return layout.notesFolder(requestId, attempt, token) + "/" + kind.file();
    }
}
