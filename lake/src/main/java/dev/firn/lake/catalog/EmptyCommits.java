package dev.firn.lake.catalog;

import dev.firn.lake.LakeFaults;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.io.FileIO;

/// Whether a commit touched any file, according to its list of manifests: it added or removed a file if one of its own
/// manifests says so, or if it no longer lists a manifest of its parent.
final class EmptyCommits {
    private EmptyCommits() {}

    /// Reads one or two manifest lists. False if they were removed, since rows may then have changed.
    static boolean isEmpty(Snapshot snapshot, LakeTable now) {
        FileIO io = now.iceberg().io();
        try {
            List<ManifestFile> manifests = snapshot.allManifests(io);
            for (ManifestFile manifest : manifests) {
                Long addedBy = manifest.snapshotId();
                boolean isOwn = addedBy == null || addedBy == snapshot.snapshotId();
                if (isOwn && (manifest.hasAddedFiles() || manifest.hasDeletedFiles())) {
                    return false;
                }
            }
            Snapshot parent =
                    snapshot.parentId() == null ? null : now.metadata().snapshot(snapshot.parentId());
            return parent == null || rewritesAll(parent.allManifests(io), manifests, snapshot.snapshotId());
        } catch (RuntimeException fault) {
            if (LakeFaults.isNotFound(fault)) {
                return false;
            }
            throw fault;
        }
    }

    /// Whether each manifest of the parent is still listed, or may have been merged into one of the commit's own.
    private static boolean rewritesAll(List<ManifestFile> earlier, List<ManifestFile> later, long snapshotId) {
        Set<String> listed = later.stream().map(ManifestFile::path).collect(Collectors.toSet());
        boolean hasOwn = later.stream()
                .anyMatch(manifest -> manifest.snapshotId() != null && manifest.snapshotId() == snapshotId);
        return hasOwn || earlier.stream().allMatch(manifest -> listed.contains(manifest.path()));
    }
}
