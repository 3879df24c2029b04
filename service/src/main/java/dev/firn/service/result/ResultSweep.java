package dev.firn.service.result;

import dev.firn.config.FirnConfig;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.storage.AgedFile;
import dev.firn.lake.storage.Storage;
import dev.firn.schemas.Ids;
import dev.firn.schemas.RequestDigest;
import dev.firn.schemas.Topic;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// Finds what may be deleted below the results of a deployment. Walks all files once, or twice with
/// `replacedTtl`, keeps those of one request in memory at a time, and reads the manifest of each request that
/// has old files. Deletes nothing itself, apart from uploads.
///
/// | reason | what | when |
/// |---|---|---|
/// | LOST | files, states and changes of tries that the manifest does not name | older than `leftoversAfter` |
/// | UNDECIDED | everything of a request without a manifest | older than [#UNDECIDED_AFTER] |
/// | EXPIRED | everything of a request with a manifest, the manifest last | its manifest is older than `ttl` |
/// | REPLACED | everything of a run, the manifest last | nobody starts from it any more: see [ReplacedRuns] |
/// | PROBE | probes, and the claims of sweeps | older than `leftoversAfter` |
///
/// Files of a decided request are safe to delete, because no other outcome can be decided. Without a manifest a slow
/// attempt may still decide, so such a request is left alone until its record is gone from its topic. Results of
/// standing retrievals do not expire with `ttl`: their record may name the last one for as long as it exists. It never
/// names a cancelled run. What cannot be read is left alone.
public final class ResultSweep {
    /// Longer than a request can be delivered, so no attempt of it is running.
    static final Duration UNDECIDED_AFTER = Topic.RETRIEVAL_REQUESTS.retention().plusDays(1);

    private final Storage storage;
    private final ResultLayout layout;
    private final Limits limits;
    private final Clock clock;

    /// @param leftoversAfter age of files that no result names
    /// @param ttl age of a result; empty keeps all
    /// @param replacedTtl age of the run that shows that an earlier one is replaced; empty keeps all
    public record Limits(Duration leftoversAfter, Optional<Duration> ttl, Optional<Duration> replacedTtl) {
        public static Limits of(FirnConfig.Results results) {
            return new Limits(results.leftoversAfter(), results.ttl(), results.replacedTtl());
        }
    }

    /// Why something may be deleted.
    public enum Reason {
        LOST,
        UNDECIDED,
        EXPIRED,
        REPLACED,
        PROBE
    }

    /// Files to delete in this order.
    ///
    /// @param owner the request id, or the folder of the deployment that they are in
    /// @param etags of those files whose names a new request with this id takes too, as far as the store lists them
    public record Leftover(String owner, Reason reason, List<String> files, Map<String, String> etags) {
        public Leftover {
            files = List.copyOf(files);
            etags = Map.copyOf(etags);
        }

        /// Another sweep may have deleted the outcome since it was found, and a new request may have decided another
        /// one: that one stays.
        public void delete(Storage storage) {
            for (String file : files) {
                String etag = etags.get(file);
                if (etag == null) {
                    storage.delete(List.of(file));
                } else {
                    storage.deleteUnchanged(file, etag);
                }
            }
        }
    }

    public ResultSweep(Storage storage, ResultLayout layout, Limits limits, Clock clock) {
        this.storage = storage;
        this.layout = layout;
        this.limits = limits;
        this.clock = clock;
    }

    /// Abandons uploads that were begun long ago and never completed. Returns how many.
    public int abandonUploads() {
        return storage.abandonUploads(layout.root(), clock.instant().minus(limits.leftoversAfter()));
    }

    /// Finds everything that may be deleted.
    public void find(Consumer<Leftover> found) {
        Walk walk = new Walk(found, limits.replacedTtl().map(this::replaced).orElseGet(ReplacedRuns::new));
        storage.walk(layout.root(), walk::file);
        walk.endOwner();
    }

    private ReplacedRuns replaced(Duration ttl) {
        ReplacedRuns replaced = new ReplacedRuns();
        Instant before = clock.instant().minus(ttl);
        storage.walk(layout.root(), file -> {
            String run = file.location().substring(layout.root().length() + 1).replaceFirst("/.*$", "");
            if (file.modified().isBefore(before)
                    && Ids.isRunId(run)
                    && file.location().equals(layout.manifest(run))) {
                outcome(run).ifPresent(manifest -> replaced.add(run, manifest.previousRun(), file.modified()));
            }
        });
        return replaced;
    }

    private Optional<Manifest> outcome(String id) {
        String location = layout.manifest(id);
        try {
            return Optional.of(Manifest.parse(storage.read(location, Manifest.MAX_BYTES), location));
        } catch (LakeRejection | IllegalArgumentException unreadable) {
            return Optional.empty();
        }
    }

    /// Groups the files by the first segment of their path. They come in order, so those of one owner are together.
    private final class Walk {
        private final Consumer<Leftover> found;
        private final ReplacedRuns replaced;
        private final Instant now = clock.instant();
        private final List<AgedFile> files = new ArrayList<>();
        private String owner = "";

        Walk(Consumer<Leftover> found, ReplacedRuns replaced) {
            this.found = found;
            this.replaced = replaced;
        }

        void file(AgedFile file) {
            if (!file.location().startsWith(layout.root() + "/")) {
                throw new IllegalStateException("[" + file.location() + "] is not below " + layout.root());
            }
            String path = file.location().substring(layout.root().length() + 1);
            int slash = path.indexOf('/');
            String first = slash < 0 ? "" : path.substring(0, slash);
            if (!first.equals(owner)) {
                endOwner();
                owner = first;
            }
            files.add(file);
        }

        void endOwner() {
            if (ResultLayout.PROBE_FOLDER.equals(owner) || ResultLayout.SWEEP_FOLDER.equals(owner)) {
                add(Reason.PROBE, olderThan(limits.leftoversAfter(), files));
            } else if (Ids.isRequestId(owner)) {
                request();
            }
            files.clear();
        }

        private void request() {
            String manifest = layout.manifest(owner);
            AgedFile decided = files.stream()
                    .filter(file -> file.location().equals(manifest))
                    .findFirst()
                    .orElse(null);
            if (decided == null) {
                if (olderThan(UNDECIDED_AFTER, files).size() == files.size()) {
                    add(Reason.UNDECIDED, files);
                }
            } else if (replaced.contains(owner, decided.modified())) {
                add(Reason.REPLACED, manifestLast(decided));
            } else if (limits.ttl().filter(ttl -> isOlder(decided, ttl)).isPresent()) {
                expired(decided);
            } else {
                lost();
            }
        }

        private void expired(AgedFile manifest) {
            boolean isExpired = outcome(owner)
                    .filter(outcome ->
                            outcome.result().getStandingId() == null || RequestDigest.isOfCancelledId(outcome.result()))
                    .isPresent();
            if (isExpired) {
                add(Reason.EXPIRED, manifestLast(manifest));
            } else {
                lost();
            }
        }

        private List<AgedFile> manifestLast(AgedFile manifest) {
            List<AgedFile> ordered = new ArrayList<>(files);
            ordered.remove(manifest);
            ordered.add(manifest);
            return ordered;
        }

        /// The manifest alone says which folder won. One folder and one claim do not: the attempt may have decided a
        /// failure, and been killed before it deleted its files.
        private void lost() {
            Map<String, List<AgedFile>> tries = new TreeMap<>();
            for (AgedFile file : files) {
                String folder = ResultLayout.tryOf(file.location())
                        .orElse(file.location().substring(0, file.location().lastIndexOf('/')));
                boolean isNote = folder.substring(folder.lastIndexOf('/') + 1).startsWith("_");
                if (!isNote && !folder.equals(layout.requestFolder(owner))) {
                    tries.computeIfAbsent(folder, _ -> new ArrayList<>()).add(file);
                }
            }
            tries.values()
                    .removeIf(tryFiles ->
                            olderThan(limits.leftoversAfter(), tryFiles).size() < tryFiles.size());
            if (!tries.isEmpty()) {
                outcome(owner).ifPresent(outcome -> {
                    tries.remove(String.valueOf(outcome.folder()));
                    tries.values().forEach(tryFiles -> add(Reason.LOST, tryFiles));
                });
            }
        }

        private List<AgedFile> olderThan(Duration age, List<AgedFile> of) {
            return of.stream().filter(file -> isOlder(file, age)).toList();
        }

        private boolean isOlder(AgedFile file, Duration age) {
            return file.modified().isBefore(now.minus(age));
        }

        private void add(Reason reason, List<AgedFile> leftovers) {
            if (!leftovers.isEmpty()) {
                String shared = layout.requestFolder(owner) + "/";
                found.accept(new Leftover(
                        owner,
                        reason,
                        leftovers.stream().map(AgedFile::location).toList(),
                        leftovers.stream()
                                .filter(file -> file.location().lastIndexOf('/') == shared.length() - 1
                                        && file.location().startsWith(shared)
                                        && !file.etag().isEmpty())
                                .collect(Collectors.toMap(AgedFile::location, AgedFile::etag))));
            }
        }
    }
}
