package dev.firn.gateway.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.gateway.problem.Problem;
import dev.firn.gateway.problem.Refusal;
import dev.firn.schemas.Code;
import dev.firn.schemas.Namespace;
import dev.firn.schemas.Topic;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;

final class FollowerTest {
    /// Port 9 is discard: nobody listens there.
    private static final Map<String, Object> NOBODY = Map.of("bootstrap.servers", "127.0.0.1:9");

    @Test
    void saysThatKafkaIsAwayWhenItCannotReadUpToTheEnd() {
        try (Admin admin = Admin.create(NOBODY);
                Follower follower = new Follower(
                        Namespace.DEFAULT,
                        new KafkaConsumer<>(NOBODY, new ByteArrayDeserializer(), new ByteArrayDeserializer()),
                        admin,
                        Clock.systemUTC())) {
            follower.add(Topic.FEATURE_VIEWS, new Follower.From.Beginning(), _ -> {});
            follower.start();

            assertThat(follower.isReady()).isFalse();
            assertThatThrownBy(() -> follower.awaitEnd(Topic.FEATURE_VIEWS, Duration.ofMillis(50)))
                    .isInstanceOfSatisfying(Refusal.class, e -> {
                        assertThat(e.problem().code()).isEqualTo(Code.KAFKA_UNAVAILABLE);
                        assertThat(e.problem().status()).isEqualTo(Problem.UNAVAILABLE);
                    });
            assertThat(follower.isAlive()).isTrue();
        }
    }
}
