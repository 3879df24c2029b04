package dev.firn.retrieval.intake;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/// Which offset of each partition may be committed while its records are answered in any order: the lowest one
/// not answered yet. Offsets that never carried a record (transaction markers, compaction) do not hold anything
/// up. For one thread.
final class OffsetTracker {
    private final Map<TopicPartition, Partition> partitions = new HashMap<>();

    private static final class Partition {
        final TreeSet<Long> open = new TreeSet<>();
        final long first;
        long next;
        long committed;

        Partition(long first) {
            this.first = first;
            this.committed = first;
        }

        long committable() {
            return open.isEmpty() ? next : open.first();
        }
    }

    void taken(TopicPartition partition, long offset) {
        Partition state = partitions.computeIfAbsent(partition, _ -> new Partition(offset));
        state.open.add(offset);
        state.next = Math.max(state.next, offset + 1);
    }

    /// Of a partition that was forgotten meanwhile, nothing is remembered.
    void answered(TopicPartition partition, long offset) {
        Partition state = partitions.get(partition);
        if (state != null) {
            state.open.remove(offset);
        }
    }

    /// What has moved since it was last told.
    Map<TopicPartition, OffsetAndMetadata> newlyCommittable() {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        partitions.forEach((partition, state) -> {
            long committable = state.committable();
            if (committable > state.committed) {
                state.committed = committable;
                offsets.put(partition, new OffsetAndMetadata(committable));
            }
        });
        return offsets;
    }

    /// A commit failed: what was told as committable is told again.
    void notCommitted(Collection<TopicPartition> lost) {
        lost.forEach(partition -> {
            Partition state = partitions.get(partition);
            if (state != null) {
                state.committed = state.first;
            }
        });
    }

    void forget(Collection<TopicPartition> revoked) {
        revoked.forEach(partitions::remove);
    }

    /// Records taken and not answered yet.
    int open(TopicPartition partition) {
        Partition state = partitions.get(partition);
        return state == null ? 0 : state.open.size();
    }

    /// Offsets between the lowest not answered and the end of what was taken: how much a crash would repeat.
    long window(TopicPartition partition) {
        Partition state = partitions.get(partition);
        return state == null ? 0 : state.next - state.committable();
    }
}
