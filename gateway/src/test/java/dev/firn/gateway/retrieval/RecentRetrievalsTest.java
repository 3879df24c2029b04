package dev.firn.gateway.retrieval;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.RetrievalProgress;
import dev.firn.events.RetrievalResult;
import dev.firn.schemas.EventJson;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

final class RecentRetrievalsTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final String RUN = "daily.r3.0123456789abcdef";

    private final RecentRetrievals recent = new RecentRetrievals(3, Clock.fixed(NOW, ZoneOffset.UTC));

    private static RetrievalProgress progress(String id) {
        return EventJson.read(RetrievalProgress.class, EventJson.object("""
                {"request_id": "%s", "attempt": 1, "stage": "join", "done": 1, "total": 2, "unit": "rows", "view": "",
                 "at": "2026-01-01T00:00:01Z"}
                """.formatted(id)));
    }

    private static RetrievalResult result(String id, String standing, String status) {
        return EventJson.read(RetrievalResult.class, EventJson.object("""
                {"request_id": "%s", "request_digest": "", "status": "%s", "standing_id": %s, "message": "", "rows": 7,
                 "attempt": 1, "stage_millis": {"join": 5, "write": 6}, "completed_at": "2026-01-01T00:00:02Z"}
                """.formatted(id, status, standing)));
    }

    @Test
    void keepsWhatWasHeardLast() {
        recent.sent("a");
        recent.sent("b");
        recent.arrived(progress("a"));
        recent.arrived(result("a", "null", "SUCCEEDED"));

        assertThat(recent.latestFirst()).extracting(RecentRetrievals.Note::id).containsExactly("a", "b");
        RecentRetrievals.Note note = recent.latestFirst().getFirst();
        assertThat(note.progress()).map(RetrievalProgress::getStage).contains("join");
        assertThat(note.ending()).hasValueSatisfying(ending -> {
            assertThat(ending.rows()).isEqualTo(7);
            assertThat(ending.millis()).isEqualTo(11);
        });
        assertThat(note.at()).isEqualTo(Instant.parse("2026-01-01T00:00:02Z"));
    }

    @Test
    void knowsTheStandingRetrievalOfARun() {
        recent.arrived(progress(RUN));
        recent.arrived(result(RUN, "\"daily\"", "SUCCEEDED"));

        assertThat(recent.latestFirst())
                .singleElement()
                .extracting(RecentRetrievals.Note::standingId)
                .isEqualTo("daily");
    }

    @Test
    void answersToStandingRequestsAreNoRetrievals() {
        recent.arrived(result("create-1", "\"daily\"", "CREATED"));
        recent.arrived(result("create-2", "\"daily\"", "FAILED"));

        assertThat(recent.latestFirst()).isEmpty();
    }

    @Test
    void forgetsTheEldest() {
        for (String id : new String[] {"a", "b", "c", "a", "d"}) {
            recent.arrived(progress(id));
        }

        assertThat(recent.latestFirst()).extracting(RecentRetrievals.Note::id).containsExactly("d", "a", "c");
    }
}
