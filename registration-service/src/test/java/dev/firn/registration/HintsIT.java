package dev.firn.registration;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.embedded.StackUser;
import dev.firn.events.FeatureView;
import dev.firn.events.RegistrationStatus;
import dev.firn.schemas.Topic;
import dev.firn.testkit.TestStack;
import dev.firn.testkit.Trino;
import dev.firn.testkit.Waiting;
import dev.firn.testkit.WithStack;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.connect.events.AvroUtil;
import org.apache.iceberg.connect.events.CommitToTable;
import org.apache.iceberg.connect.events.Event;
import org.apache.iceberg.connect.events.TableReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Topics of other systems, over the real parts: a commit is seen long before the next poll, which is an hour
/// away.
@WithStack
final class HintsIT {
    private static final String PREFIX = "foreign-" + UUID.randomUUID() + ".";
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final int HOSTILE = 2_000;

    private static Admin admin;
    private static KafkaProducer<byte[], byte[]> sender;
    private static WatchedTables tables;
    private static int port;

    @BeforeAll
    static void start(TestStack stack, Trino trino) throws Exception {
        admin = Admin.create(stack.kafka(StackUser.ADMIN));
        sender =
                new KafkaProducer<>(stack.kafka(StackUser.ADMIN), new ByteArraySerializer(), new ByteArraySerializer());
        create("keeper", "s3", "sink", "denied");
        if (stack.isSecured()) {
            allow("keeper", "s3", "sink", "late");
        }
        port = freePort();
        tables = new WatchedTables(stack, trino, settings());
        for (String topic : List.of("keeper", "s3", "sink")) {
            awaitDetail("hints-" + topic, "reading " + PREFIX + topic);
        }
    }

    private static String[] settings() {
        List<String> settings = new ArrayList<>(List.of(
                "firn.refresh.poll-interval",
                "1h",
                "firn.http.port",
                Integer.toString(port),
                "firn.hints.sources.keeper.catalogs.0198c7e5-1f0a-7000-8000-000000000001",
                "iceberg"));
        Map.of("keeper", "lakekeeper", "s3", "s3", "sink", "iceberg-connect", "denied", "s3", "late", "s3")
                .forEach((topic, format) -> settings.addAll(List.of(
                        "firn.hints.sources.%s.topic".formatted(topic),
                        PREFIX + topic,
                        "firn.hints.sources.%s.format".formatted(topic),
                        format)));
        return settings.toArray(String[]::new);
    }

    @AfterAll
    static void stop() {
        tables.close();
        sender.close();
        admin.close();
    }

    @Test
    void commitIsSeenAfterAnEventOfLakekeeper() throws Exception {
        FeatureView registered = register("kept");
        tables.insert("kept", 1, 2, 2);
        ProducerRecord<byte[], byte[]> event = new ProducerRecord<>(PREFIX + "keeper", bytes("{}"));
        Map.of(
                        "ce_specversion", "1.0",
                        "ce_type", "updateTable",
                        "ce_tabular-type", "Table",
                        "ce_warehouse-id", "0198c7e5-1f0a-7000-8000-000000000001",
                        "ce_namespace", tables.schema,
                        "ce_name", "kept")
                .forEach((name, value) -> event.headers().add(name, bytes(value)));
        sender.send(event).get();

        awaitMoved(registered);
    }

    @Test
    void commitIsSeenAfterANotificationOfItsMetadataFile() throws Exception {
        FeatureView registered = register("stored");
        tables.insert("stored", 1, 2, 2);
        send("s3", notification(registered));

        awaitMoved(registered);
    }

    @Test
    void commitIsSeenAfterAnEventOfTheKafkaConnectSink() throws Exception {
        FeatureView registered = register("sunk");
        tables.insert("sunk", 1, 2, 2);
        TableReference table =
                TableReference.of("iceberg", TableIdentifier.of(tables.schema, "sunk"), UUID.randomUUID());
        send("sink", AvroUtil.encode(new Event("control", new CommitToTable(UUID.randomUUID(), table, null, null))));

        awaitMoved(registered);
    }

    /// On the topic of each format, before a hint that is true.
    @Test
    @SuppressWarnings("FutureReturnValueIgnored") // flushed below
    void hostileRecordsNeitherStopNorDelayAnything() throws Exception {
        FeatureView registered = register("besieged");
        Random random = new Random(7);
        for (int i = 0; i < HOSTILE; i++) {
            for (String topic : List.of("keeper", "s3", "sink")) {
                sender.send(new ProducerRecord<>(PREFIX + topic, hostile(random, i)));
            }
        }
        sender.flush();
        tables.insert("besieged", 1, 2, 2);
        send("s3", notification(registered));
        assertThat(tables.register(tables.request("r-meanwhile", "besieged").build())
                        .getStatus())
                .isIn(RegistrationStatus.UNCHANGED, RegistrationStatus.REGISTERED);

        awaitMoved(registered);
        String metrics = get("/metrics").body();
        assertThat(metrics).containsPattern("firn_registration_hints_total\\{.*UNDECODABLE.*source=\"s3\".*} [1-9]");
        assertThat(metrics).containsPattern("firn_registration_hints_total\\{.*HEARD.*source=\"s3\".*} [1-9]");
        assertThat(tables.registry.rawReader(Topic.DEAD_LETTERS).all(Duration.ofMillis(200)))
                .isEmpty();
    }

    @Test
    void topicThatComesLaterIsReadFromItsBeginning() throws Exception {
        awaitReadyWith("hints-late", "the topic %slate does not exist".formatted(PREFIX));
        FeatureView registered = register("belated");
        tables.insert("belated", 1, 2, 2);
        create("late");
        send("late", notification(registered));

        awaitMoved(registered);
        awaitDetail("hints-late", "reading " + PREFIX + "late");
    }

    @Test
    void topicThatMayNotBeReadStopsNothing(TestStack stack) throws Exception {
        if (!stack.isSecured()) {
            return; // everybody may read it
        }
        awaitReadyWith("hints-denied", "the brokers do not let this service read %sdenied".formatted(PREFIX));
        FeatureView registered = register("permitted");
        allow("denied");
        awaitDetail("hints-denied", "reading " + PREFIX + "denied");
        tables.insert("permitted", 1, 2, 2);
        send("denied", notification(registered));

        awaitMoved(registered);
    }

    private static byte @Nullable [] hostile(Random random, int number) {
        return switch (number % 6) {
            case 0 -> bytes("{\"Records\": [{\"eventName\": 7}]}");
            case 1 -> bytes("[".repeat(number + 1));
            case 2 ->
                bytes("{\"Records\": [{\"eventName\": \"ObjectCreated:Put\", \"s3\": {\"bucket\": {\"name\": \"b\"},"
                        + " \"object\": {\"key\": \"other%d/metadata/1.metadata.json\"}}}]}".formatted(number));
            case 3 -> bytes("x".repeat(number < 60 ? 300_000 : number));
            case 4 -> null;
            default -> {
                byte[] noise = new byte[random.nextInt(2_000)];
                random.nextBytes(noise);
                yield noise;
            }
        };
    }

    /// As MinIO writes it: the key is encoded as in a form.
    private static byte[] notification(FeatureView view) {
        String location = view.getSource().getMetadataLocation();
        URI folder = URI.create(location.substring(0, location.lastIndexOf('/') + 1));
        String key = folder.getPath().substring(1) + "00009-%s.metadata.json".formatted(UUID.randomUUID());
        return bytes("{\"Records\": [{\"eventName\": \"s3:ObjectCreated:Put\", \"s3\": {\"bucket\": {\"name\": \"%s\"},"
                        .formatted(folder.getHost())
                + " \"object\": {\"key\": \"%s\"}}}]}".formatted(URLEncoder.encode(key, UTF_8)));
    }

    private static FeatureView register(String view) {
        tables.create(view);
        return tables.register(tables.request("register-" + view, view).build()).getFeatureView();
    }

    private static void awaitMoved(FeatureView before) {
        tables.awaitView(
                before.getName(),
                view -> !view.getSource()
                        .getSnapshotId()
                        .equals(before.getSource().getSnapshotId()));
    }

    private static void send(String topic, byte[] value) throws Exception {
        sender.send(new ProducerRecord<>(PREFIX + topic, value)).get(30, TimeUnit.SECONDS);
    }

    private static void create(String... topics) throws Exception {
        Collection<NewTopic> all = new ArrayList<>();
        for (String topic : topics) {
            all.add(new NewTopic(PREFIX + topic, Optional.of(2), Optional.empty()));
        }
        admin.createTopics(all).all().get();
    }

    private static void allow(String... topics) throws ExecutionException, InterruptedException {
        List<AclBinding> acls = new ArrayList<>();
        for (String topic : topics) {
            acls.add(new AclBinding(
                    new ResourcePattern(ResourceType.TOPIC, PREFIX + topic, PatternType.LITERAL),
                    new AccessControlEntry(
                            StackUser.REGISTRATION_SERVICE.principal(),
                            "*",
                            AclOperation.READ,
                            AclPermissionType.ALLOW)));
        }
        admin.createAcls(acls).all().get();
    }

    private static void awaitReadyWith(String name, String value) {
        Waiting.until(
                RealRegistry.LIMIT,
                () -> {
                    HttpResponse<String> ready = get("/health/ready");
                    return ready.statusCode() == 200 && ready.body().contains("\"%s\":\"%s\"".formatted(name, value));
                },
                "ready, with " + name + ": " + value);
    }

    private static void awaitDetail(String name, String value) {
        Waiting.until(
                RealRegistry.LIMIT,
                () -> get("/health").body().contains("\"%s\":\"%s\"".formatted(name, value)),
                name + ": " + value);
    }

    private static HttpResponse<String> get(String path) {
        try {
            return HTTP.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d%s".formatted(port, path)))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }
}
