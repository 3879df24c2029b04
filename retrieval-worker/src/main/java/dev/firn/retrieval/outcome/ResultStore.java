package dev.firn.retrieval.outcome;

import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.storage.PutOutcome;
import dev.firn.lake.storage.Storage;
import dev.firn.lake.storage.StoredFile;
import dev.firn.service.result.Manifest;
import dev.firn.service.result.ResultLayout;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;

/// Attempts and outcomes as they lie on S3, which is where workers agree on them:
/// `<results>/<namespace>/<id>/<attempt>/` and `<id>/_manifest.json`.
///
/// An attempt is claimed by creating its `_attempt.json`, an outcome is decided by creating the manifest, both
/// only if nothing is there. So two workers never share an attempt's folder, and a request has one outcome,
/// whatever crashes, stalls or runs twice. Thread-safe.
public final class ResultStore {
    private static final int MAX_CLAIM_RACES = 100;

    private final Storage storage;
    private final ResultLayout layout;
    private final String worker;
    private final Clock clock;

    /// @param worker who this is, for people
    public ResultStore(Storage storage, ResultLayout layout, String worker, Clock clock) {
        this.storage = storage;
        this.layout = layout;
        this.worker = worker;
        this.clock = clock;
    }

    /// An attempt that is this worker's alone.
    ///
    /// @param number from 1
    public record Attempt(int number, String folder) {}

    public String manifestLocation(String requestId) {
        return layout.manifest(requestId);
    }

    /// The outcome, if the request has one.
    public Optional<Manifest> find(String requestId) {
        return read(manifestLocation(requestId));
    }

    private Optional<Manifest> read(String location) {
        try {
            return Optional.of(Manifest.parse(storage.read(location, Manifest.MAX_BYTES), location));
        } catch (LakeRejection e) {
            if (e.lakeCode() == LakeCode.FILE_NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /// The next attempt; empty once the request has had `maxAttempts`.
    public Optional<Attempt> claim(String requestId, String digest, int maxAttempts) {
        String folder = layout.requestFolder(requestId);
        List<Integer> had = storage.list(folder).stream()
                .map(file -> attemptNumber(folder, file))
                .filter(OptionalInt::isPresent)
                .map(OptionalInt::getAsInt)
                .toList();
        int number = had.stream().mapToInt(Integer::intValue).max().orElse(0);
        int left = maxAttempts - had.size();
        for (int race = 0; race < Math.min(left, MAX_CLAIM_RACES); race++) {
            number++;
            Attempt attempt = new Attempt(number, layout.attemptFolder(requestId, number));
            byte[] content = content(requestId, digest, number);
            if (storage.putIfAbsent(attempt.folder() + "/" + ResultLayout.ATTEMPT_FILE, content)
                    == PutOutcome.CREATED) {
                return Optional.of(attempt);
            }
        }
        return Optional.empty();
    }

    private static OptionalInt attemptNumber(String folder, StoredFile file) {
        String below = file.location().substring(Math.min(file.location().length(), folder.length() + 1));
        int slash = below.indexOf('/');
        if (slash <= 0 || slash > 9 || !below.substring(slash + 1).equals(ResultLayout.ATTEMPT_FILE)) {
            return OptionalInt.empty();
        }
        try {
            return OptionalInt.of(Integer.parseInt(below.substring(0, slash)));
        } catch (NumberFormatException e) {
            return OptionalInt.empty();
        }
    }

    /// Unique, so that no worker takes another's claim for its own.
    private byte[] content(String requestId, String digest, int number) {
        return """
                {"request_id": "%s", "request_digest": "%s", "attempt": %d, "worker": "%s", "claim": "%s", "started_at": "%s"}
                """.formatted(requestId, digest, number, worker, UUID.randomUUID(), clock.instant())
                .getBytes(StandardCharsets.UTF_8);
    }

    /// Makes this the request's outcome unless it has one. Returns the decided one.
    public Manifest decide(Manifest mine) {
        String location = manifestLocation(mine.result().getRequestId());
        if (storage.putIfAbsent(location, mine.toBytes()) == PutOutcome.CREATED) {
            return mine;
        }
        return read(location).orElseThrow(() -> new IllegalStateException("[" + location + "] was there and is gone"));
    }

    /// Deletes the attempt's files; its claim stays, so that the attempt counts.
    public void clear(Attempt attempt) {
        storage.delete(storage.list(attempt.folder()).stream()
                .map(StoredFile::location)
                .filter(location -> !location.endsWith("/" + ResultLayout.ATTEMPT_FILE))
                .toList());
    }

    /// Deletes the attempt's files and its claim: it was given up by choice and does not count.
    public void withdraw(Attempt attempt) {
        clear(attempt);
        storage.delete(List.of(attempt.folder() + "/" + ResultLayout.ATTEMPT_FILE));
    }
}
