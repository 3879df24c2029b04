package dev.firn.gateway.retrieval;

import dev.firn.events.ResultFile;
import dev.firn.events.RetrievalStatus;
import dev.firn.gateway.access.Caller;
import dev.firn.gateway.access.Kind;
import dev.firn.gateway.access.Right;
import dev.firn.gateway.problem.Refusal;
import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.storage.Storage;
import dev.firn.lake.storage.StoredFile;
import dev.firn.schemas.Code;
import dev.firn.schemas.EventJson;
import dev.firn.schemas.RequestDigest;
import dev.firn.service.result.AttemptNote;
import dev.firn.service.result.Manifest;
import dev.firn.service.result.ResultLayout;
import dev.firn.service.result.TargetNote;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// What is known of a retrieval on the object store, which decides outcomes. Thread-safe.
public final class Outcomes {
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);
    private static final int MAX_CLAIM_BYTES = 64 << 10;

    private final Storage storage;
    private final ResultLayout layout;
    private final int maxBytes;
    private final Semaphore readers;

    /// @param maxBytes the largest manifest that is read
    /// @param readers bounds how many are in memory at once
    public Outcomes(Storage storage, ResultLayout layout, int maxBytes, Semaphore readers) {
        this.storage = storage;
        this.layout = layout;
        this.maxBytes = maxBytes;
        this.readers = readers;
    }

    ResultLayout layout() {
        return layout;
    }

    /// The manifest of a request; empty if there is none yet. What became of a target table is not in it.
    Optional<Manifest> find(String id) {
        String location = layout.manifest(id);
        acquire(readers);
        try {
            return Optional.of(Manifest.parse(storage.read(location, maxBytes), location));
        } catch (LakeRejection e) {
            if (e.lakeCode() == LakeCode.FILE_NOT_FOUND) {
                return Optional.empty();
            }
            if (e.lakeCode() == LakeCode.FILE_TOO_LARGE) {
                throw Refusal.of(
                        Code.FILE_TOO_LARGE,
                        "The manifest has more than %,d bytes. Read it from %s.".formatted(maxBytes, location));
            }
            throw e;
        } catch (IllegalArgumentException e) {
            throw Refusal.of(Code.OUTCOME_UNREADABLE, "The outcome of '%s' cannot be read.".formatted(id));
        } finally {
            readers.release();
        }
    }

    /// Takes a place among those who read.
    ///
    /// @throws Refusal with 503 if none becomes free in time
    static void acquire(Semaphore readers) {
        try {
            if (readers.tryAcquire(LONGEST_WAIT.toSeconds(), TimeUnit.SECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw Refusal.of(Code.OVERLOADED, "Too many results are being read. Try again later.");
    }

    /// The outcome as it is announced, if the caller may read it. One with a target table is there once it is
    /// known what became of the commit.
    ///
    /// @throws Refusal with 403 if the caller may not
    Optional<Manifest> find(Caller caller, String id) {
        Optional<Manifest> outcome = find(id);
        if (outcome.filter(found -> !isReadable(caller, found)).isPresent()) {
            throw Refusal.of(
                    Code.FORBIDDEN,
                    "Only whoever requested '%s' and administrators may read it, not '%s'."
                            .formatted(id, caller.principal()));
        }
        return outcome.flatMap(this::complete);
    }

    private Optional<Manifest> complete(Manifest outcome) {
        if (!TargetNote.belongsTo(outcome)) {
            return Optional.of(outcome);
        }
        String id = outcome.result().getRequestId();
        try {
            String location = TargetNote.location(outcome);
            return Optional.of(outcome.with(TargetNote.parse(storage.read(location, TargetNote.MAX_BYTES), location)));
        } catch (LakeRejection e) {
            if (e.lakeCode() == LakeCode.FILE_NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        } catch (IllegalArgumentException e) {
            throw Refusal.of(Code.OUTCOME_UNREADABLE, "The outcome of '%s' cannot be read.".formatted(id));
        }
    }

    /// Who asked may read, and administrators, and whoever may read the standing retrieval of a run. That an id
    /// was cancelled tells nothing about a request or its data, so everybody may read it: who asked need not have
    /// cancelled.
    private static boolean isReadable(Caller caller, Manifest outcome) {
        String standing = outcome.result().getStandingId();
        return caller.isAdministrator()
                || outcome.principal().equals(caller.principal())
                || RequestDigest.isOfCancelledId(outcome.result())
                || (standing != null && caller.may(Right.READ, Kind.STANDING, standing));
    }

    /// The latest attempt that a worker has noted.
    OptionalInt attempt(String id) {
        return storage.list(layout.requestFolder(id) + "/").stream()
                .map(StoredFile::location)
                .map(location -> AttemptNote.parse(layout, id, location))
                .flatMap(Optional::stream)
                .mapToInt(AttemptNote::attempt)
                .max();
    }

    /// Who asked for the request, as the first worker that began it has noted: empty text if its event does not say.
    /// Nothing if no worker has begun it.
    Optional<String> askedBy(String id) {
        return storage.list(layout.requestFolder(id) + "/").stream()
                .flatMap(file -> AttemptNote.parse(layout, id, file.location()).stream())
                .filter(AttemptNote::isClaim)
                .min(Comparator.comparingInt(AttemptNote::attempt))
                .map(claim -> principal(claim.location(layout, id)));
    }

    private String principal(String claim) {
        String json = new String(storage.read(claim, MAX_CLAIM_BYTES), StandardCharsets.UTF_8);
        return EventJson.object(json).path(AttemptNote.PRINCIPAL).asText("");
    }

    /// @throws Refusal with 410 if the files of a result were cleaned up
    void requireFiles(Manifest outcome) {
        List<ResultFile> files = outcome.result().getFiles();
        if (outcome.result().getStatus() == RetrievalStatus.SUCCEEDED && !files.isEmpty()) {
            try {
                storage.etag(files.getFirst().getLocation());
            } catch (LakeRejection e) {
                throw e.lakeCode() == LakeCode.FILE_NOT_FOUND
                        ? expired(outcome.result().getRequestId())
                        : e;
            }
        }
    }

    static Refusal expired(String id) {
        return Refusal.of(Code.RESULT_EXPIRED, "The files of '%s' no longer exist.".formatted(id));
    }
}
