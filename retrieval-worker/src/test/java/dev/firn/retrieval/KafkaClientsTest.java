package dev.firn.retrieval;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.config.Settings;
import dev.firn.schemas.Namespace;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.junit.jupiter.api.Test;

final class KafkaClientsTest {
    @Test
    void anotherWorkerHasTheRequestsOfAKilledOneAfterTenSeconds() {
        assertThat(properties(Map.of())).containsEntry(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, 10_000);
    }

    @Test
    void operatorsChooseTheSessionTimeout() {
        assertThat(properties(Map.of("firn.kafka.properties.session.timeout.ms", "45000")))
                .containsEntry(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, "45000");
    }

    /// Committed offsets would pass requests without an answer.
    @Test
    void operatorsCannotTurnOnAutomaticCommits() {
        assertThat(properties(Map.of("firn.kafka.properties.enable.auto.commit", "true")))
                .containsEntry(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    }

    private static Map<String, Object> properties(Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(settings);
        all.put("firn.kafka.bootstrap-servers", "127.0.0.1:9092");
        return new KafkaClients(Settings.load(Map.of(), all), Namespace.DEFAULT, "1").groupProperties("g", "jobs", 4);
    }
}
