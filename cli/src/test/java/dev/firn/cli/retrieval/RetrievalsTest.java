package dev.firn.cli.retrieval;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.RetrievalProgress;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RetrievalsTest {
    @ParameterizedTest
    @CsvSource({
        "train-1, train-1, true",
        "train-1, train-10, false",
        "train-1, train, false",
        "daily, daily.r7.0123456789abcdef, true",
        "daily, daily-customers.r7.0123456789abcdef, false",
        "daily, daily.r7.0123456789abcdef.r1.0123456789abcdef, false"
    })
    void showsTheProgressOfTheRequestAndOfNoOther(String id, String of, boolean isShown) {
        RetrievalProgress progress = RetrievalProgress.newBuilder()
                .setRequestId(of)
                .setAttempt(1)
                .setStage("join")
                .setDone(0)
                .setTotal(0)
                .setAt(Instant.EPOCH)
                .build();

        assertThat(Retrievals.isAbout(id, progress)).isEqualTo(isShown);
    }
}
