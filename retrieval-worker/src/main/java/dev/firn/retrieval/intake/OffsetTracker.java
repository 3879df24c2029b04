package dev.firn.retrieval.intake;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/// Tracks which offset of each partition can be committed while its records are answered in any order: the lowest
/// unanswered one. Offsets without a record (transaction markers, compaction) do not block it. For one thread.
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

    /// Ignores partitions that were forgotten meanwhile.
    void answered(TopicPartition partition, long offset) {
        Partition state = partitions.get(partition);
        if (state != null) {
            state.open.remove(offset);
        }
    }

    /// The offsets that have changed since the last call.
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

    /// A commit failed: the next [#newlyCommittable] returns these partitions again.
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

    /// Offsets from the lowest unanswered one to the last one taken: how much a crash would repeat.
    long window(TopicPartition partition) {
        Partition state = partitions.get(partition);
        return state == null ? 0 : state.next - state.committable();
    }
}
