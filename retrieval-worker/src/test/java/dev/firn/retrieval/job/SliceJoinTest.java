package dev.firn.retrieval.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class SliceJoinTest {
    @Test
    void findsTheRowsOfAChunkThatAreInTheResult() {
        int[] rows = {0, 3, 4, 9};
        assertThat(SliceJoin.within(rows, 0, 4)).containsExactly(0, 3);
        assertThat(SliceJoin.within(rows, 4, 9)).containsExactly(0);
        assertThat(SliceJoin.within(rows, 5, 9)).isEmpty();
        assertThat(SliceJoin.within(rows, 9, 10)).containsExactly(0);
    }

    /// Wide rows are written in many chunks.
    @Test
    void takesNoTimePerChunkForTheRowsOfOthers() {
        int[] rows = IntStream.range(0, 4_000_000).toArray();
        assertTimeoutPreemptively(Duration.ofSeconds(20), () -> {
            for (int from = 0; from < rows.length; from += 100) {
                assertThat(SliceJoin.within(rows, from, from + 100).length).isEqualTo(100);
            }
        });
    }
}
