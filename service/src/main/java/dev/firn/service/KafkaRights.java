package dev.firn.service;

import dev.firn.config.FirnConfig;
import dev.firn.config.Settings;
import dev.firn.schemas.AccessRule;
import dev.firn.schemas.Code;
import dev.firn.schemas.KafkaPrincipal;
import dev.firn.schemas.MissingRight;
import dev.firn.schemas.Namespace;
import dev.firn.schemas.RightsCheck;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.resource.ResourceType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The rights that a service needs at the brokers. They are compared with what the brokers grant before it works, and
/// from time to time while it works. Kafka's own messages name neither the right nor the principal, often not even the
/// topic. Thread-safe.
public final class KafkaRights implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(KafkaRights.class);
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(30);

    private final FirnConfig config;
    private final AccessRule.Role role;
    private final String principal;
    private final List<AccessRule> rules;
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile List<MissingRight> missing = List.of();

    public KafkaRights(FirnConfig config, AccessRule.Role role) {
        this.config = config;
        this.role = role;
        this.principal = KafkaPrincipal.of(Settings.kafkaProperties(config));
        this.rules = AccessRule.of(new Namespace(config.namespace()), role);
    }

    /// Whether the service uses that topic.
    boolean concern(String topic) {
        return rules.stream().anyMatch(rule -> rule.covers(ResourceType.TOPIC, topic));
    }

    /// @throws ServiceRefusedException naming every right that is missing
    void require(Admin admin) {
        List<MissingRight> found = new RightsCheck(admin, ANSWER_LIMIT).missing(rules);
        if (!found.isEmpty()) {
            throw refusal(found);
        }
    }

    ServiceRefusedException refusal(List<MissingRight> found) {
        return new ServiceRefusedException(Code.RIGHTS_MISSING, sentence(found));
    }

    private String sentence(List<MissingRight> found) {
        return "%s, which the role %s needs".formatted(MissingRight.sentence(principal, found), role.text());
    }

    /// Compares again at each `firn.kafka.rights-interval`, logs what has changed, and counts what is missing in
    /// `firn.kafka.rights.missing`. [#close] ends it.
    public void watch(MeterRegistry metrics) {
        Gauge.builder("firn.kafka.rights.missing", this, rights -> rights.missing.size())
                .description("rights that the service needs and the brokers do not grant")
                .register(metrics);
        Thread.ofVirtual().name("kafka-rights").start(this::follow);
    }

    private void follow() {
        try (Admin admin = Admin.create(Settings.kafkaProperties(config))) {
            while (!closed.await(config.kafka().rightsInterval().toMillis(), TimeUnit.MILLISECONDS)) {
                look(admin);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (KafkaException e) {
            log.atWarn().setCause(e).log("This service no longer watches its rights at the brokers");
        }
    }

    private void look(Admin admin) {
        try {
            List<MissingRight> found = new RightsCheck(admin, ANSWER_LIMIT).missing(rules);
            if (!found.equals(missing)) {
                missing = found;
                if (found.isEmpty()) {
                    log.atInfo().addKeyValue("principal", principal).log("The brokers grant all rights again");
                } else {
                    log.atError()
                            .addKeyValue("code", Code.RIGHTS_MISSING)
                            .addKeyValue("reason", sentence(found))
                            .log("The brokers no longer grant a right that this service needs");
                }
            }
        } catch (KafkaException e) {
            log.atDebug().setCause(e).log("This service could not check its rights at the brokers");
        }
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
