package dev.firn.retrieval.intake;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

final class OffsetTrackerTest {
    private static final TopicPartition P0 = new TopicPartition("requests", 0);
    private static final TopicPartition P1 = new TopicPartition("requests", 1);

    private final OffsetTracker offsets = new OffsetTracker();

    @Test
    void commitsNothingWhileTheFirstRecordIsNotAnswered() {
        take(P0, 10, 11, 12);
        offsets.answered(P0, 11);
        offsets.answered(P0, 12);

        assertThat(offsets.newlyCommittable()).isEmpty();
    }

    @Test
    void commitsTheLowestOffsetThatIsNotAnswered() {
        take(P0, 10, 11, 12, 13);
        offsets.answered(P0, 12);
        offsets.answered(P0, 10);

        assertThat(offsets.newlyCommittable()).isEqualTo(Map.of(P0, new OffsetAndMetadata(11)));
    }

    @Test
    void commitsBeyondTheLastRecordOnceAllAreAnswered() {
        take(P0, 10, 14);
        offsets.answered(P0, 14);
        offsets.answered(P0, 10);

        assertThat(offsets.newlyCommittable()).isEqualTo(Map.of(P0, new OffsetAndMetadata(15)));
    }

    @Test
    void skipsOffsetsThatNeverCarriedARecord() {
        take(P0, 10, 20);
        offsets.answered(P0, 10);

        assertThat(offsets.newlyCommittable()).isEqualTo(Map.of(P0, new OffsetAndMetadata(20)));
    }

    @Test
    void returnsEachChangeOnce() {
        take(P0, 10);
        offsets.answered(P0, 10);
        offsets.newlyCommittable();

        assertThat(offsets.newlyCommittable()).isEmpty();
    }

    @Test
    void returnsFailedCommitsAgain() {
        take(P0, 10);
        offsets.answered(P0, 10);
        offsets.newlyCommittable();
        offsets.notCommitted(List.of(P0));

        assertThat(offsets.newlyCommittable()).isEqualTo(Map.of(P0, new OffsetAndMetadata(11)));
    }

    @Test
    void tracksPartitionsSeparately() {
        take(P0, 10);
        take(P1, 5);
        offsets.answered(P1, 5);

        assertThat(offsets.newlyCommittable()).isEqualTo(Map.of(P1, new OffsetAndMetadata(6)));
    }

    @Test
    void forgetsRevokedPartitions() {
        take(P0, 10);
        offsets.forget(List.of(P0));
        offsets.answered(P0, 10);

        assertThat(offsets.newlyCommittable()).isEmpty();
    }

    @Test
    void measuresTheOffsetsThatACrashWouldRepeat() {
        take(P0, 10, 11, 12);
        offsets.answered(P0, 11);

        assertThat(offsets.window(P0)).isEqualTo(3);
    }

    private void take(TopicPartition partition, long... taken) {
        for (long offset : taken) {
            offsets.taken(partition, offset);
        }
    }
}
