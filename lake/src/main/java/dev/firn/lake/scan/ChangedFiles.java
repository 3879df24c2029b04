package dev.firn.lake.scan;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.iceberg.DeleteFile;
import org.jspecify.annotations.Nullable;

/// The files that differ between two snapshots, as [FileComparison] finds them. Immutable.
final class ChangedFiles {
    private final List<PlannedFile> came;
    private final BitSet justVisible;
    private final List<PlannedFile> gone;
    private final List<PlannedFile> killedOutputs;
    private final List<PlannedFile> killedBefore;
    private final Map<FileKey, PositionMask> killed;
    private final List<DeleteFile> newEqualities;
    private final long lastShared;
    private final Optional<String> obstacle;

    private ChangedFiles(Builder builder) {
        this.came = List.copyOf(builder.came);
        this.justVisible = (BitSet) builder.justVisible.clone();
        this.gone = List.copyOf(builder.gone);
        this.killedOutputs = List.copyOf(builder.killedOutputs);
        this.killedBefore = List.copyOf(builder.killedBefore);
        this.killed = builder.killed;
        this.newEqualities = builder.newEqualities;
        this.lastShared = builder.lastShared;
        this.obstacle = builder.obstacle;
    }

    /// Files of the later snapshot with rows that came, or whose time passed into view.
    List<PlannedFile> came() {
        return came;
    }

    /// Whether the file of that number in [#came] came only because the time of rows passed into view.
    boolean isJustVisible(int file) {
        return justVisible.get(file);
    }

    boolean anyJustVisible() {
        return !justVisible.isEmpty();
    }

    /// Files of the earlier snapshot with rows that are gone; all of their rows if [#killed] has no mask.
    List<PlannedFile> gone() {
        return gone;
    }

    /// What passed-over compactions wrote and position deletes hit since.
    List<PlannedFile> killedOutputs() {
        return killedOutputs;
    }

    /// The same, of compactions that may have kept rows which an equality delete hides.
    List<PlannedFile> killedBefore() {
        return killedBefore;
    }

    /// The rows that new position deletes hit, with those that earlier ones hit; null if there are no new ones.
    @Nullable
    PositionMask killed(PlannedFile file) {
        return killed.get(FileKey.of(file));
    }

    /// Equality deletes that apply to a file of both snapshots and did not before.
    List<DeleteFile> newEqualities() {
        return newEqualities;
    }

    /// The latest data sequence number of a file of both snapshots, or of a passed-over compaction.
    long lastShared() {
        return lastShared;
    }

    /// Why the difference cannot be told; empty if it can.
    Optional<String> obstacle() {
        return obstacle;
    }

    /// Size of the files with rows that are gone, as far as they are read.
    long bytesGone() {
        double bytes = 0;
        for (List<PlannedFile> files : List.of(gone, killedOutputs, killedBefore)) {
            for (PlannedFile file : files) {
                PositionMask mask = killed(file);
                bytes += file.bytes() * (mask == null ? 1 : mask.shareRead());
            }
        }
        return (long) bytes;
    }

    /// Takes the files one by one.
    static final class Builder {
        private final List<PlannedFile> came = new ArrayList<>();
        private final BitSet justVisible = new BitSet();
        private final List<PlannedFile> gone = new ArrayList<>();
        private final List<PlannedFile> killedOutputs = new ArrayList<>();
        private final List<PlannedFile> killedBefore = new ArrayList<>();
        private final Map<FileKey, PositionMask> killed;
        private final List<DeleteFile> newEqualities;
        private final Optional<String> obstacle;
        private long lastShared = Long.MIN_VALUE;

        Builder(Map<FileKey, PositionMask> killed, Map<String, DeleteFile> newEqualities, Optional<String> obstacle) {
            this.killed = new HashMap<>(killed);
            this.newEqualities = List.copyOf(newEqualities.values());
            this.obstacle = obstacle;
        }

        void came(PlannedFile file) {
            came.add(file);
        }

        /// @param isVisible whether the time of some of its rows passed into view
        void shared(PlannedFile file, boolean isVisible) {
            lastShared = Math.max(lastShared, file.sequence());
            if (isVisible) {
                justVisible.set(came.size());
                came.add(file);
            }
        }

        void gone(PlannedFile file) {
            gone.add(file);
        }

        /// @param isPure whether its compaction kept no row that an equality delete hides
        void killedOutput(PlannedFile file, boolean isPure) {
            (isPure ? killedOutputs : killedBefore).add(file);
        }

        ChangedFiles build() {
            return new ChangedFiles(this);
        }
    }
}
