package dev.firn.gateway.retrieval;

import dev.firn.events.Pins;
import dev.firn.events.RetrievalRequest;
import dev.firn.gateway.problem.Refusal;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.storage.Location;
import dev.firn.lake.storage.Storage;
import dev.firn.schemas.Ids;
import dev.firn.service.result.Manifest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// Deletes uploads that nothing needs any more: unused for the time to live, and named by no result and no standing
/// retrieval.
///
/// An upload is put if it is absent, and then a request names it. Its age therefore counts from its last use, not from
/// its creation: whoever uses it writes its mark first ([Uploads#use]). The time to live exceeds the time for which a
/// request can be delivered again, so what a request without an outcome names is young.
///
/// The order keeps what comes into use meanwhile. Manifests are read first, which takes long; then the standing
/// retrievals, all of them; and right before each deletion the mark, once more. What remains possible is
/// that such an old upload is used in the moment between this check and the deletion. Its request
/// fails with `FILE_NOT_FOUND`, and repeating the call stores the rows again.
///
/// Manifests are read only if there are such uploads at all. One that cannot be read may name any of them: then nothing
/// is deleted.
final class UploadSweep {
    /// Uploads and marks of one sweep; the next one finds the others.
    static final int MAX_FOUND = 100_000;

    private static final String MANIFEST = "/_manifest.json";

    private final Storage storage;
    private final String folder;
    private final Outcomes outcomes;
    private final Duration ttl;
    private final Clock clock;

    UploadSweep(Storage storage, String folder, Outcomes outcomes, Duration ttl, Clock clock) {
        this.storage = storage;
        this.folder = listed(folder);
        this.outcomes = outcomes;
        this.ttl = ttl;
        this.clock = clock;
    }

    /// @param standing locations that standing retrievals name, all of them at the time of the call
    /// @return how many uploads were deleted
    /// @throws Refusal if a manifest cannot be read, or the standing retrievals are not known; nothing was
    ///     deleted then
    int sweep(Supplier<? extends Collection<String>> standing) {
        Set<String> candidates = unused();
        if (candidates.isEmpty()) {
            return 0;
        }
        dropNamedByResults(candidates);
        standing.get().forEach(location -> drop(candidates, location));
        int deleted = 0;
        for (String upload : candidates) {
            if (!isUsed(upload)) {
                // the mark goes last: without it, the upload would look as old as it is
                storage.delete(List.of(upload, Uploads.mark(upload)));
                deleted++;
            }
        }
        return deleted;
    }

    /// Uploads that have not been used for the time to live.
    private Set<String> unused() {
        TreeMap<String, Instant> lastUses = new TreeMap<>();
        storage.walk(folder, file -> {
            String upload = Uploads.ofFile(folder, file.location());
            if (!upload.isEmpty() && (lastUses.containsKey(upload) || lastUses.size() < MAX_FOUND)) {
                lastUses.merge(upload, file.modified(), (one, other) -> one.isAfter(other) ? one : other);
            }
        });
        lastUses.values().removeIf(this::isYoung);
        return new TreeSet<>(lastUses.keySet());
    }

    private boolean isUsed(String upload) {
        List<Instant> uses = new ArrayList<>();
        storage.walk(Uploads.markFolder(upload), mark -> uses.add(mark.modified()));
        return uses.stream().anyMatch(this::isYoung);
    }

    private boolean isYoung(Instant use) {
        return !use.isBefore(clock.instant().minus(ttl));
    }

    private void dropNamedByResults(Set<String> candidates) {
        String root = outcomes.layout().root() + "/";
        storage.walk(outcomes.layout().root(), file -> {
            String path = file.location().substring(root.length());
            String id = path.endsWith(MANIFEST) ? path.substring(0, path.length() - MANIFEST.length()) : "";
            if (Ids.isRequestId(id)) {
                outcomes.find(id).stream().flatMap(UploadSweep::named).forEach(location -> drop(candidates, location));
            }
        });
    }

    private static Stream<String> named(Manifest outcome) {
        RetrievalRequest request = outcome.request();
        Pins pins = outcome.pins();
        return Stream.concat(
                request == null ? Stream.of() : request.getSpine().getLocations().stream(),
                pins == null ? Stream.of() : pins.getSpineEtags().keySet().stream());
    }

    /// A location may be a file, or a folder with all of its files.
    private static void drop(Set<String> candidates, String location) {
        String named = listed(location);
        candidates.remove(named);
        if (location.endsWith("/")) {
            candidates.removeIf(upload -> upload.startsWith(named + "/"));
        }
    }

    /// In the form in which stores list locations. One that is none names no upload.
    private static String listed(String location) {
        try {
            return Location.parse(location).toString();
        } catch (LakeRejection e) {
            return "";
        }
    }
}
