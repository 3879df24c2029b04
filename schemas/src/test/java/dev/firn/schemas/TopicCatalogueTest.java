package dev.firn.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TopicCatalogueTest {
    @Test
    void everyNameBeginsWithTheNamespace() {
        var namespace = new Namespace("acme.ml_prod");

        assertThat(TopicCatalogue.of(namespace).topics())
                .hasSize(15)
                .allSatisfy(spec -> assertThat(spec.name())
                        .isEqualTo("acme.ml_prod." + spec.topic().simpleName()));
        assertThat(namespace.applicationId()).isEqualTo("acme.ml_prod.registration-service");
        assertThat(namespace.resultsFolder("s3://lake/results/")).isEqualTo("s3://lake/results/acme.ml_prod");
        assertThat(namespace.transactionalId("runs", "host-1")).isEqualTo("acme.ml_prod.runs.host-1");
    }

    @Test
    void requestsAndRunsHaveTheirOwnNumberOfPartitions() {
        var catalogue = TopicCatalogue.of(Namespace.DEFAULT, 12, 3);

        assertThat(catalogue.spec(Topic.RETRIEVAL_REQUESTS).partitions()).isEqualTo(12);
        assertThat(catalogue.spec(Topic.RETRIEVAL_RUNS).partitions()).isEqualTo(12);
        assertThat(catalogue.spec(Topic.RETRIEVAL_RESULTS).partitions()).isEqualTo(3);
    }

    @Test
    void whatPeopleProduceAndDeadLettersBearTheBrokersTime() {
        assertThat(TopicCatalogue.of(Namespace.DEFAULT).topics())
                .filteredOn(spec -> spec.timestampType() == TimestampType.LOG_APPEND_TIME)
                .extracting(spec -> spec.topic().simpleName())
                .containsExactly(
                        "registration-requests",
                        "table-hints",
                        "standing-requests",
                        "retrieval-requests",
                        "retrieval-runs",
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
    void refusesANamespaceThatIsNoPrefix(String name) {
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
    }
}
