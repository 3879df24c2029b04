package dev.firn.schemas;

import static org.apache.kafka.common.acl.AclOperation.DELETE;
import static org.apache.kafka.common.acl.AclOperation.READ;
import static org.apache.kafka.common.acl.AclOperation.WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.firn.embedded.StackUser;
import dev.firn.schemas.AccessRule.Role;
import dev.firn.testkit.TestStack;
import dev.firn.testkit.Waiting;
import dev.firn.testkit.WithStack;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A broker with an authorizer grants what [AccessRule] documents and nothing else. Each right that is withdrawn is
/// missed by its name.
///
/// A run withdraws a few rights of each role, chosen by a seed that it prints; `-Dfirn.rights=all` takes all of them.
@WithStack
final class RightsCheckIT {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int RIGHTS_PER_ROLE = 4;

    private final Namespace namespace = new Namespace(TestStack.namespace());
    private final TestStack stack;
    private final Admin admin;

    RightsCheckIT(TestStack stack) {
        this.stack = stack;
        this.admin = Admin.create(stack.kafka(StackUser.ADMIN));
    }

    @BeforeEach
    void grant() {
        Grants.createAndAwait(admin, namespace, Grants.namesakes(), LIMIT);
        new TopicCreator(admin, -1, LIMIT).create(TopicCatalogue.of(namespace, 1, 1));
        new AdminAnswers(LIMIT)
                .await(admin.createTopics(
                                List.of(new NewTopic(namespace.applicationId() + "-views-changelog", 1, (short) 1)))
                        .all());
    }

    @AfterEach
    void close() {
        admin.close();
    }

    @ParameterizedTest
    @EnumSource
    void missesEachRightThatIsWithdrawnByItsName(Role role) {
        List<AccessRule> rules = AccessRule.of(namespace, role);
        try (Admin client = Admin.create(stack.kafka(StackUser.valueOf(role.name())))) {
            RightsCheck check = new RightsCheck(client, LIMIT);
            Waiting.until(LIMIT, () -> check.missing(rules).isEmpty(), "all rights of " + role);
            for (Withdrawn right : chosen(rules)) {
                AclBinding binding = right.binding("User:" + role.text());
                new AdminAnswers(LIMIT)
                        .await(admin.deleteAcls(List.of(binding.toFilter())).all());
                Waiting.until(
                        LIMIT, () -> !check.missing(rules).isEmpty(), "%s to be missed by %s".formatted(right, role));
                assertThat(check.missing(rules)).containsExactly(right.expected());

                new AdminAnswers(LIMIT).await(admin.createAcls(List.of(binding)).all());
                Waiting.until(LIMIT, () -> check.missing(rules).isEmpty(), "%s to be granted again".formatted(right));
            }
        }
    }

    @Test
    void aProgramsGroupIsNamedWhenItMayNotBeRead() {
        Map<String, Object> properties = stack.kafka(StackUser.CONSUMER);
        properties.put("group.id", namespace + ".somebody-else");
        try (var consumer = new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.subscribe(List.of(namespace.topic(Topic.RETRIEVAL_RESULTS)));

            assertThat(MissingRight.in(
                            catchThrowable(() -> Waiting.until(
                                    LIMIT,
                                    () -> !consumer.poll(Duration.ofSeconds(1)).isEmpty(),
                                    "a refusal")),
                            READ))
                    .containsExactly(new MissingRight(ResourceType.GROUP, namespace + ".somebody-else", READ));
        }
    }

    @Test
    void aProgramMayUseAndDeleteGroupsWithThePrefixOfClients() throws Exception {
        Map<String, Object> properties = stack.kafka(StackUser.CONSUMER);
        String group = namespace.clientGroupPrefix() + "jobs";
        properties.put("group.id", group);
        try (var consumer = new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.subscribe(List.of(namespace.topic(Topic.RETRIEVAL_RESULTS)));
            Waiting.until(
                    LIMIT,
                    () -> {
                        consumer.poll(Duration.ofMillis(100));
                        return !consumer.assignment().isEmpty();
                    },
                    "an assignment");
            consumer.commitSync();
        }
        try (Admin client = Admin.create(stack.kafka(StackUser.CONSUMER))) {
            client.deleteConsumerGroups(List.of(group)).all().get();
        }
    }

    /// Whoever may only ask or only read changes no registry, no result, no offset, no topic and no right.
    @ParameterizedTest
    @EnumSource(names = {"PRODUCER", "CONSUMER"})
    void changesNothingThatItsRoleDoesNotName(Role role) throws Exception {
        List<AccessRule> rules = AccessRule.of(namespace, role);
        Map<String, Object> user = stack.kafka(StackUser.valueOf(role.name()));
        // an idempotent producer needs a right on the cluster, whose lack would hide what topics allow
        user.put("enable.idempotence", false);
        List<String> topics = new ArrayList<>(
                Arrays.stream(Topic.values()).map(namespace::topic).toList());
        topics.add(namespace.applicationId() + "-views-changelog");
        topics.removeIf(topic -> rules.stream().anyMatch(rule -> mayWrite(rule, topic)));
        try (Admin client = Admin.create(user);
                var producer = new KafkaProducer<>(user, new ByteArraySerializer(), new ByteArraySerializer())) {
            Waiting.until(
                    LIMIT, () -> new RightsCheck(client, LIMIT).missing(rules).isEmpty(), "all rights of " + role);
            for (String topic : topics) {
                assertThatThrownBy(() -> producer.send(new ProducerRecord<>(topic, new byte[] {1}, new byte[] {2}))
                                .get())
                        .as("%s writes to %s", role, topic)
                        .hasCauseInstanceOf(TopicAuthorizationException.class);
                assertThatThrownBy(
                                () -> client.deleteTopics(List.of(topic)).all().get())
                        .as("%s deletes %s", role, topic)
                        .hasCauseInstanceOf(TopicAuthorizationException.class);
            }
            TopicPartition requests = new TopicPartition(namespace.topic(Topic.RETRIEVAL_REQUESTS), 0);
            assertThatThrownBy(() -> client.alterConsumerGroupOffsets(
                                    namespace.requestsGroupId(), Map.of(requests, new OffsetAndMetadata(1)))
                            .all()
                            .get())
                    .as("%s moves the workers' offsets", role)
                    .hasCauseInstanceOf(AuthorizationException.class);
            assertThatThrownBy(() -> client.createAcls(AccessRule.of(namespace, Role.OPERATOR).stream()
                                    .flatMap(rule -> rule.bindings("User:" + role.text()).stream())
                                    .toList())
                            .all()
                            .get())
                    .as("%s grants itself more", role)
                    .hasCauseInstanceOf(ClusterAuthorizationException.class);
        }
        for (String topic : topics) {
            TopicPartition partition = new TopicPartition(topic, 0);
            assertThat(admin.listOffsets(Map.of(partition, OffsetSpec.latest()))
                            .partitionResult(partition)
                            .get()
                            .offset())
                    .as(topic)
                    .isZero();
        }
    }

    private static boolean mayWrite(AccessRule rule, String topic) {
        return rule.resource() == ResourceType.TOPIC
                && rule.operations().contains(WRITE)
                && (rule.pattern() == PatternType.PREFIXED ? topic.startsWith(rule.name()) : topic.equals(rule.name()));
    }

    private record Withdrawn(AccessRule rule, AclOperation operation) {
        AclBinding binding(String principal) {
            return rule.bindings(principal).stream()
                    .filter(binding -> binding.entry().operation() == operation)
                    .findFirst()
                    .orElseThrow();
        }

        MissingRight expected() {
            String name = rule.pattern() == PatternType.PREFIXED ? rule.name() + "*" : rule.name();
            return new MissingRight(rule.resource(), name, operation);
        }
    }

    private static List<Withdrawn> chosen(List<AccessRule> rules) {
        List<Withdrawn> all = new ArrayList<>();
        // Of a group that may be deleted, the cluster does not tell whether it may be read.
        rules.stream()
                .filter(rule -> !rule.operations().equals(Set.of(READ, DELETE)))
                .forEach(rule -> rule.operations().forEach(operation -> all.add(new Withdrawn(rule, operation))));
        if (System.getProperty("firn.rights", "").equals("all")) {
            return all;
        }
        long seed = Long.getLong("firn.seed", System.nanoTime());
        System.out.println("RightsCheckIT -Dfirn.seed=" + seed);
        Collections.shuffle(all, new Random(seed));
        return all.subList(0, Math.min(RIGHTS_PER_ROLE, all.size()));
    }
}
