package dev.firn.retrieval.outcome;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.firn.events.TargetOutcome;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.storage.PutOutcome;
import dev.firn.lake.storage.Storage;
import dev.firn.service.result.AttemptNote;
import dev.firn.service.result.Manifest;
import dev.firn.service.result.ResultLayout;
import dev.firn.service.result.RunState;
import dev.firn.service.result.TargetNote;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BiFunction;

/// Attempts and outcomes on the object store, where workers agree on them; [ResultLayout] draws the folders.
///
/// An outcome is decided by creating the manifest, only if nothing is there. So a request has one outcome, whatever
/// crashes, stalls or runs twice. An attempt is known by a random token, under which its claim, its notes and its files
/// lie: nothing is written twice under one name, and a call that the store applies late changes nothing that is still
/// used. Two workers that begin an attempt at the same moment may give it the same number, but never the same token.
/// Thread-safe.
public final class ResultStore {
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
    /// @param number from 1; larger than that of every attempt that was claimed before
    /// @param token of its notes and of its first try
    /// @param alone whether nothing runs beside it in its process
    public record Attempt(String requestId, int number, String token, boolean alone) {}

    public String manifestLocation(String requestId) {
        return layout.manifest(requestId);
    }

    /// The outcome, if the request has one.
    public Optional<Manifest> find(String requestId) {
        return read(manifestLocation(requestId));
    }

    /// What became of the commit of a result to its target table, if that is known.
    public Optional<TargetNote> findTarget(Manifest outcome) {
        return read(TargetNote.location(outcome), TargetNote.MAX_BYTES, TargetNote::parse);
    }

    /// Makes this what became of the commit of a result, unless that is known. Returns what is.
    public TargetNote decideTarget(Manifest outcome, TargetOutcome mine) {
        String location = TargetNote.location(outcome);
        TargetNote note = new TargetNote(mine, worker);
        if (storage.putIfAbsent(location, note.toBytes()) == PutOutcome.CREATED) {
            return note;
        }
        return findTarget(outcome).orElseThrow(() -> gone(location));
    }

    private Optional<Manifest> read(String location) {
        return read(location, Manifest.MAX_BYTES, Manifest::parse);
    }

    private <T> Optional<T> read(String location, int maxBytes, BiFunction<byte[], String, T> parser) {
        try {
            return Optional.of(parser.apply(storage.read(location, maxBytes), location));
        } catch (LakeRejection e) {
            return switch (e.lakeCode()) {
                case FILE_NOT_FOUND -> Optional.empty();
                case FILE_TOO_LARGE -> throw new UnreadableOutcome(String.valueOf(e.getMessage()), e);
                default -> throw e;
            };
        } catch (IllegalArgumentException e) {
            throw new UnreadableOutcome(String.valueOf(e.getMessage()), e);
        }
    }

    /// The attempts that the request has had.
    public AttemptHistory attempts(String requestId) {
        return AttemptHistory.of(storage.list(layout.requestFolder(requestId)).stream()
                .flatMap(file -> AttemptNote.parse(layout, requestId, file.location()).stream())
                .toList());
    }

    /// The attempt after these; not claimed yet. No number is given twice by one worker.
    ///
    /// @param alone whether nothing runs beside it in its process
    public Attempt next(String requestId, AttemptHistory had, boolean alone) {
        return new Attempt(requestId, had.lastNumber() + 1, newToken(), alone);
    }

    private static String newToken() {
        return UUID.randomUUID().toString().replace("-", "");
    }

    /// Notes that this worker has begun the attempt. May be repeated.
    ///
    /// @param principal who asked through the gateway; empty if nobody did
    public void claim(Attempt attempt, String digest, String principal) {
        note(attempt, attempt.alone() ? AttemptNote.Kind.CLAIM_ALONE : AttemptNote.Kind.CLAIM, digest, principal);
    }

    /// Notes that the attempt was given up by choice and does not count. May be repeated.
    public void withdraw(Attempt attempt) {
        note(attempt, AttemptNote.Kind.WITHDRAWN, "", "");
    }

    /// Notes that the attempt failed and its process lives. May be repeated.
    public void fail(Attempt attempt) {
        note(attempt, AttemptNote.Kind.FAILED, "", "");
    }

    private void note(Attempt attempt, AttemptNote.Kind kind, String digest, String principal) {
        byte[] content = JsonNodeFactory.instance
                .objectNode()
                .put("request_id", attempt.requestId())
                .put("request_digest", digest)
                .put("attempt", attempt.number())
                .put("worker", worker)
                .put("at", clock.instant().toString())
                .put(AttemptNote.PRINCIPAL, principal)
                .toString()
                .getBytes(StandardCharsets.UTF_8);
        // nobody else writes under this token: whatever is there is an earlier call whose response was lost
        storage.putIfAbsent(
                new AttemptNote(attempt.number(), attempt.token(), kind).location(layout, attempt.requestId()),
                content);
    }

    /// The folder of the attempt's first try.
    public String firstFolder(Attempt attempt) {
        return layout.filesFolder(attempt.requestId(), attempt.number(), attempt.token());
    }

    /// A folder for a further try of the attempt.
    public String newFolder(Attempt attempt) {
        return layout.filesFolder(attempt.requestId(), attempt.number(), newToken());
    }

    /// Deletes the files of a try, and the state and the changes that it may have left.
    public void clear(String folder) {
        List<String> files = new ArrayList<>();
        storage.list(folder).forEach(file -> files.add(file.location()));
        storage.list(RunState.location(folder)).forEach(file -> files.add(file.location()));
        storage.list(ResultLayout.changesFolder(folder)).forEach(file -> files.add(file.location()));
        storage.delete(files);
    }

    /// Makes this the request's outcome unless it has one. Returns the decided one.
    public Manifest decide(Manifest mine) {
        String location = manifestLocation(mine.result().getRequestId());
        if (storage.putIfAbsent(location, mine.toBytes()) == PutOutcome.CREATED) {
            return mine;
        }
        return read(location).orElseThrow(() -> gone(location));
    }

    private static IllegalStateException gone(String location) {
        return new IllegalStateException("[" + location + "] was there and is gone");
    }
}
