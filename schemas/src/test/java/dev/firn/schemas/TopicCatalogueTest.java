package dev.firn.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TopicCatalogueTest {
    /// Written by hand, like [AccessRuleTest]: name, key, value, partitions, what is kept for how long, whose clock.
    private static final String TOPICS = """
            registration-requests | view                                 | RegistrationRequest |  6 | delete 7 d  | LogAppendTime
            registration-results  | view                                 | RegistrationResult  |  6 | delete 7 d  | CreateTime
            feature-views         | view                                 | FeatureView         |  6 | compact     | CreateTime
            table-hints           | catalog.schema.table                 | TableHint           |  6 | delete 1 d  | LogAppendTime
            table-commits         | catalog.schema.table                 | TableCommit         |  6 | delete 7 d  | CreateTime
            standing-requests     | standing id                          | StandingRequest     |  6 | delete 7 d  | LogAppendTime
            standing-retrievals   | standing id                          | StandingRetrieval   |  6 | compact     | CreateTime
            retrieval-requests    | request id                           | RetrievalRequest    | 48 | delete 7 d  | LogAppendTime
            retrieval-runs        | standing id                          | RetrievalRequest    | 48 | delete 7 d  | LogAppendTime
            retrieval-commands    | request id                           | RetrievalCommand    |  6 | delete 7 d  | LogAppendTime
            retrieval-results     | request id, for runs the standing id | RetrievalResult     |  6 | delete 7 d  | CreateTime
            retrieval-progress    | request id                           | RetrievalProgress   |  6 | delete 1 h  | CreateTime
            dead-letters          | as it came                           | bytes               |  6 | delete 14 d | LogAppendTime
            view-commands         | view                                 | bytes               |  6 | delete 7 d  | CreateTime
            table-commands        | catalog.schema.table                 | bytes               |  6 | delete 7 d  | CreateTime
            standing-commands     | standing id                          | bytes               |  6 | delete 7 d  | CreateTime
            """;

    static List<String> simpleNames() {
        return TOPICS.lines().map(line -> line.split(" ", 2)[0]).toList();
    }

    @Test
    void listsEveryTopicAsSpecified() {
        assertThat(TopicCatalogue.of(Namespace.DEFAULT).topics())
                .extracting(TopicCatalogueTest::described)
                .containsExactlyElementsOf(TOPICS.lines()
                        .map(line -> line.replaceAll(" *\\| *", " | "))
                        .toList());
    }

    private static String described(TopicSpec spec) {
        Topic topic = spec.topic();
        String retention =
                switch (topic.cleanup()) {
                    case COMPACT -> "";
                    case DELETE ->
                        topic.retention().toDays() == 0
                                ? " " + topic.retention().toHours() + " h"
                                : " " + topic.retention().toDays() + " d";
                };
        return String.join(
                " | ",
                topic.simpleName(),
                topic.key(),
                topic.event().map(Class::getSimpleName).orElse("bytes"),
                Integer.toString(spec.partitions()),
                topic.cleanup().policy() + retention,
                spec.timestampType().name);
    }

    @Test
    void everyNameBeginsWithTheNamespace() {
        var namespace = new Namespace("acme.ml_prod");

        assertThat(TopicCatalogue.of(namespace).topics())
                .extracting(TopicSpec::name)
                .containsExactlyElementsOf(
                        simpleNames().stream().map("acme.ml_prod."::concat).toList());
        assertThat(namespace.applicationId()).isEqualTo("acme.ml_prod.registration-service");
        assertThat(namespace.resultsFolder("s3://lake/results/")).isEqualTo("s3://lake/results/acme.ml_prod");
        assertThat(namespace.clientId("cli", "host-1")).isEqualTo("acme.ml_prod.cli.host-1");
    }

    @Test
    void requestsAndRunsHaveTheirOwnNumberOfPartitions() {
        var catalogue = TopicCatalogue.of(Namespace.DEFAULT, 12, 3);

        assertThat(catalogue.spec(Topic.RETRIEVAL_REQUESTS).partitions()).isEqualTo(12);
        assertThat(catalogue.spec(Topic.RETRIEVAL_RUNS).partitions()).isEqualTo(12);
        assertThat(catalogue.spec(Topic.RETRIEVAL_RESULTS).partitions()).isEqualTo(3);
    }

    @Test
    void requestsRunsAndDeadLettersHaveTheBrokersTime() {
        assertThat(TopicCatalogue.of(Namespace.DEFAULT).topics())
                .filteredOn(spec -> spec.timestampType() == TimestampType.LOG_APPEND_TIME)
                .extracting(spec -> spec.topic().simpleName())
                .containsExactly(
                        "registration-requests",
                        "table-hints",
                        "standing-requests",
                        "retrieval-requests",
                        "retrieval-runs",
                        "retrieval-commands",
                        "dead-letters");
    }

    @Test
    void theLargestEventFitsIntoEveryTopicOfEvents() {
        assertThat(TopicCatalogue.of(Namespace.DEFAULT).topics())
                .allSatisfy(spec -> assertThat(spec.maxMessageBytes())
                        .isGreaterThanOrEqualTo(Limits.EVENT_BYTES + Limits.COPIED_HEADERS_BYTES + 1024));
    }

    @Test
    void compactedTopicsForgetNothing() {
        assertThat(TopicCatalogue.of(Namespace.DEFAULT)
                        .spec(Topic.FEATURE_VIEWS)
                        .configs())
                .containsEntry("cleanup.policy", "compact")
                .doesNotContainKey("retention.ms");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "a..b", "-a", "a-", "a b", "a/b", "é", "a*"})
    void refusesInvalidNamespaces(String name) {
        assertThatThrownBy(() -> new Namespace(name)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Namespace("a".repeat(65))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void idsAndNamesFollowTheirPatterns() {
        assertThat(List.of("a", "0", "A-b_c.d", "x".repeat(127))).allMatch(Ids::isRequestId);
        assertThat(List.of("", ".a", "-a", "a/b", "a b", "a\n", "x".repeat(128)))
                .noneMatch(Ids::isRequestId);
        assertThat(List.of("total_orders", "_x", "A1")).allMatch(Ids::isViewName);
        assertThat(List.of("a__b", "1a", "a-b", "", "a\"b", "x".repeat(128))).noneMatch(Ids::isViewName);
        assertThat(Ids.isIdentifier("a__b")).isTrue();
        assertThat(List.of("daily.r1.0123456789abcdef", "a.b.r12.ffffffffffffffff"))
                .allMatch(Ids::isRunId);
        assertThat(List.of("daily", "daily.r1", ".r1.0123456789abcdef", "a.r1.0123456789abcdeg", "a.r1.0123", "a.1.b"))
                .noneMatch(Ids::isRunId);
    }
}
