package dev.firn.cli.view;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.cli.RegisteredViews;
import dev.firn.cli.events.TopicRecord;
import dev.firn.events.FeatureView;
import dev.firn.schemas.Topic;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ViewsCommandTest {
    private static final FeatureView VIEW = RegisteredViews.view("customers", "id");

    private static TopicRecord record(Map<String, String> headers) {
        return new TopicRecord(Topic.FEATURE_VIEWS, 0, 7, Instant.EPOCH, "customers", VIEW, "", headers);
    }

    @Test
    void tellsWhoAskedForTheVersionAndThatThisIsNoProof() {
        String principal = ViewsCommand.principal(record(Map.of("firn-principal", "alice")));

        assertThat(ViewsCommand.facts(VIEW, principal).toString())
                .containsPattern("asked for by +alice \\(as the request says, unproven\\)");
    }

    @Test
    void saysNothingWhereTheEventSaysNothing() {
        String principal = ViewsCommand.principal(record(Map.of()));

        assertThat(ViewsCommand.facts(VIEW, principal).toString()).doesNotContain("asked for by");
    }

    /// Whoever may produce can write anything there.
    @Test
    void aHostileNameStaysOnItsLine() {
        String principal = ViewsCommand.principal(record(Map.of("firn-principal", "a\u001b[2J\nstatus  ACTIVE")));

        assertThat(ViewsCommand.facts(VIEW, principal).lines())
                .filteredOn(line -> line.startsWith("asked for by"))
                .singleElement()
                .satisfies(line -> assertThat(line).doesNotContain("\u001b").contains("status  ACTIVE"));
    }
}
