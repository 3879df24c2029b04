package dev.firn.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.config.FirnConfig;
import dev.firn.config.Settings;
import dev.firn.embedded.StackUser;
import dev.firn.schemas.AccessRule.Role;
import dev.firn.schemas.Code;
import dev.firn.schemas.Grants;
import dev.firn.schemas.Namespace;
import dev.firn.schemas.Topic;
import dev.firn.schemas.TopicCatalogue;
import dev.firn.schemas.TopicCreator;
import dev.firn.testkit.FaultyLink;
import dev.firn.testkit.TestStack;
import dev.firn.testkit.Waiting;
import dev.firn.testkit.WithStack;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What a service does about topics and schemas before it works, with a real broker and a real registry.
@WithStack
final class TopicPreparationIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int PARTITIONS = 2;
    private static final Role ROLE = Role.REGISTRATION_SERVICE;

    private final Namespace namespace = new Namespace(TestStack.namespace());
    private final Neighbours neighbours = new Neighbours(Settings.load(Map.of(), Map.of()), Clock.systemUTC());
    private final Neighbour registry = neighbours.schemaRegistry();
    private final Lifecycle lifecycle = new Lifecycle();
    private final TestStack stack;

    /// The user that may do everything for the service also creates the topics.
    TopicPreparationIT(TestStack stack) {
        this.stack = stack;
        Map<Role, List<String>> principals = new EnumMap<>(Grants.namesakes());
        principals.put(Role.DEPLOYER, List.of(StackUser.DEPLOYER.principal(), StackUser.CLIENT.principal()));
        principals.put(ROLE, List.of(StackUser.REGISTRATION_SERVICE.principal(), StackUser.CLIENT.principal()));
        try (Admin admin = Admin.create(stack.kafka(StackUser.ADMIN))) {
            Grants.createAndAwait(admin, namespace, principals, LIMIT);
        }
    }

    @AfterEach
    void close() {
        lifecycle.close();
    }

    @Test
    void createsWhatIsMissingAndAcceptsWhatExists() throws Exception {
        prepare(Map.of());
        prepare(Map.of());
        prepare(Map.of("firn.kafka.create-topics", "false"));

        try (Admin admin = admin()) {
            assertThat(admin.listTopics().names().get()).contains(namespace.topic(Topic.RETRIEVAL_REQUESTS));
        }
    }

    @Test
    void refusesTopicsThatAreMissingOrDiffer() throws Exception {
        assertThatThrownBy(() -> prepare(Map.of("firn.kafka.create-topics", "false")))
                .isInstanceOfSatisfying(
                        ServiceRefusedException.class,
                        refused -> assertThat(refused.code()).isEqualTo(Code.TOPIC_MISMATCH))
                .hasMessageContaining(namespace.topic(Topic.FEATURE_VIEWS));
        try (Admin admin = admin()) {
            admin.createTopics(List.of(new NewTopic(namespace.topic(Topic.FEATURE_VIEWS), 1, (short) 1)))
                    .all()
                    .get();
        }
        assertThatThrownBy(() -> prepare(Map.of()))
                .isInstanceOfSatisfying(
                        ServiceRefusedException.class,
                        refused -> assertThat(refused.code()).isEqualTo(Code.TOPIC_MISMATCH));
    }

    @Test
    void refusesToStartWithoutItsSchemasWhereItMayNotRegisterThem() {
        try (Admin admin = admin()) {
            TopicCatalogue catalogue = TopicCatalogue.of(namespace, PARTITIONS, PARTITIONS);
            new TopicCreator(admin, -1, LIMIT).create(catalogue);
        }

        assertThatThrownBy(() -> prepare(Map.of("firn.kafka.create-topics", "false")))
                .isInstanceOfSatisfying(
                        ServiceRefusedException.class,
                        refused -> assertThat(refused.code()).isEqualTo(Code.SCHEMA_MISSING))
                .hasMessageContaining(namespace.topic(Topic.FEATURE_VIEWS));
    }

    /// Kafka itself would only say "Topic authorization failed."
    @Test
    void refusesToStartWithoutARightAndNamesTopicRightAndPrincipal() {
        prepare(Map.of());
        Map<String, String> asWorker = new HashMap<>(Map.of("firn.kafka.create-topics", "false"));
        stack.kafka(StackUser.RETRIEVAL_WORKER)
                .forEach((name, value) -> asWorker.put("firn.kafka.properties." + name, value.toString()));

        assertThatThrownBy(() -> prepare(asWorker))
                .isInstanceOfSatisfying(
                        ServiceRefusedException.class,
                        refused -> assertThat(refused.code()).isEqualTo(Code.RIGHTS_MISSING))
                .hasMessageStartingWith("User:retrieval-worker may not ")
                .hasMessageContaining("READ topic " + namespace.topic(Topic.REGISTRATION_REQUESTS))
                .hasMessageContaining("WRITE topic " + namespace.topic(Topic.FEATURE_VIEWS))
                .hasMessageContaining("READ group " + namespace.applicationId())
                .hasMessageContaining("WRITE transactional id " + namespace.applicationId())
                .hasMessageEndingWith("which the role registration-service needs");
    }

    @Test
    void namesTheRightToCreateWhereTopicsAreMissing() {
        Map<String, String> asWorker = new HashMap<>();
        stack.kafka(StackUser.REGISTRATION_SERVICE)
                .forEach((name, value) -> asWorker.put("firn.kafka.properties." + name, value.toString()));

        assertThatThrownBy(() -> prepare(asWorker))
                .isInstanceOfSatisfying(
                        ServiceRefusedException.class,
                        refused -> assertThat(refused.code()).isEqualTo(Code.RIGHTS_MISSING))
                .hasMessageStartingWith("User:registration-service may not ")
                .hasMessageContaining("DESCRIBE topic " + namespace.topic(Topic.RETRIEVAL_PROGRESS));
    }

    /// The process stays up and says what it waits for; a scheduler that restarted it would gain nothing.
    @ParameterizedTest
    @EnumSource(
            value = FaultyLink.Fault.class,
            names = {"REFUSE", "HANG"})
    void waitsForASchemaRegistryThatIsAwayAndContinues(FaultyLink.Fault fault) throws Exception {
        URI url = URI.create(stack.addresses().schemaRegistryUrl());
        Health health = new Health(neighbours);
        try (FaultyLink link = new FaultyLink(url.getHost(), url.getPort())) {
            FirnConfig config = config(Map.of(
                    "firn.http.port",
                    "0",
                    "firn.schema-registry.url",
                    "http://127.0.0.1:%d%s".formatted(link.port(), url.getPath())));
            link.fail(fault);
            try (HealthEndpoint endpoint = HealthEndpoint.start(config.http(), health)) {
                CompletableFuture<Void> prepared =
                        CompletableFuture.runAsync(() -> preparation(config).await(lifecycle));
                Waiting.until(LIMIT, () -> registry.absence().isPresent(), "the registry's absence to be noticed");
                assertThat(get(endpoint, "/health/live").statusCode()).isEqualTo(200);
                HttpResponse<String> ready = get(endpoint, "/health/ready");
                assertThat(ready.statusCode()).isEqualTo(503);
                assertThat(ready.body())
                        .contains("\"state\":\"STARTING\"", "\"name\":\"schema-registry\",\"status\":\"DOWN\"");
                assertThat(prepared).isNotDone();

                link.heal();
                prepared.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
                assertThat(registry.absence()).isEmpty();
            }
        }
    }

    @Test
    void stopsWaitingWhenTheServiceIsStopped() throws Exception {
        FirnConfig config = config(Map.of("firn.schema-registry.url", "http://127.0.0.1:" + freePort()));
        CompletableFuture<Void> prepared =
                CompletableFuture.runAsync(() -> preparation(config).await(lifecycle));
        Waiting.until(LIMIT, () -> registry.absence().isPresent(), "the absence of the registry to be noticed");

        lifecycle.close();

        assertThatThrownBy(() -> prepared.get(LIMIT.toSeconds(), TimeUnit.SECONDS))
                .hasCauseInstanceOf(ServiceStoppedException.class);
    }

    private void prepare(Map<String, String> changed) {
        preparation(config(changed)).await(lifecycle);
    }

    private TopicPreparation preparation(FirnConfig config) {
        return new TopicPreparation(config, new KafkaRights(config, ROLE), neighbours);
    }

    private FirnConfig config(Map<String, String> changed) {
        Map<String, String> properties = new HashMap<>(Map.of(
                "firn.namespace",
                namespace.name(),
                "firn.kafka.bootstrap-servers",
                stack.addresses().bootstrapServers(),
                "firn.kafka.partitions",
                "2",
                "firn.kafka.retrieval-partitions",
                "2",
                "firn.schema-registry.url",
                stack.addresses().schemaRegistryUrl(),
                "firn.schema-registry.properties.max.retries",
                "0"));
        stack.kafka(StackUser.CLIENT)
                .forEach((name, value) -> properties.put("firn.kafka.properties." + name, value.toString()));
        properties.putAll(changed);
        return Settings.load(Map.of(), properties);
    }

    private Admin admin() {
        return Admin.create(stack.kafka(StackUser.DEPLOYER));
    }

    private static int freePort() throws Exception {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static HttpResponse<String> get(HealthEndpoint endpoint, String path) throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d%s".formatted(endpoint.port(), path)))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }
}
