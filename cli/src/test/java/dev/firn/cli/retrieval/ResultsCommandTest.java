package dev.firn.cli.retrieval;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.schemas.Code;
import dev.firn.schemas.EventClasses;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

final class ResultsCommandTest {
    @BeforeAll
    static void trustEvents() {
        EventClasses.trust();
    }

    @Test
    void listsWhereARowIsOrWhyItFailed() {
        RetrievalResult succeeded = result("r1", RetrievalStatus.SUCCEEDED)
                .setRows(1234)
                .setLocation("s3://lake/results/firn/r1/1/x")
                .build();
        RetrievalResult failed = result("r2", RetrievalStatus.FAILED)
                .setViolations(List.of(
                        Code.UNKNOWN_VIEW.violation("features[0]", "No view 'a' is registered."),
                        Code.UNKNOWN_VIEW.violation("features[1]", "No view 'b' is registered.")))
                .build();

        assertThat(ResultsCommand.table(List.of(succeeded, failed)).lines())
                .contains(
                        "completed             request  standing  status     rows  location, or why not",
                        "2024-03-01T12:00:00Z  r1                 SUCCEEDED  1234  s3://lake/results/firn/r1/1/x",
                        "2024-03-01T12:00:00Z  r2                 FAILED           UNKNOWN_VIEW features[0]:"
                                + " No view 'a' is registered. (and 1 more)");
    }

    private static RetrievalResult.Builder result(String id, RetrievalStatus status) {
        return RetrievalResult.newBuilder()
                .setRequestId(id)
                .setRequestDigest("d")
                .setStatus(status)
                .setMessage("")
                .setCompletedAt(Instant.parse("2024-03-01T12:00:00.123456Z"));
    }
}
