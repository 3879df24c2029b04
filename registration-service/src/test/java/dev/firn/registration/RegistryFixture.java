package dev.firn.registration;

import dev.firn.config.FirnConfig;
import dev.firn.config.Settings;
import dev.firn.events.CommitKind;
import dev.firn.events.FeatureView;
import dev.firn.events.RegistrationRequest;
import dev.firn.events.RegistrationResult;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.Spine;
import dev.firn.events.StandingRequest;
import dev.firn.events.StandingRetrieval;
import dev.firn.events.TableCommit;
import dev.firn.events.TableHint;
import dev.firn.events.Violation;
import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeOutage;
import dev.firn.lake.LakeRejection;
import dev.firn.registration.command.KnownState;
import dev.firn.registration.hint.HintBoard;
import dev.firn.registration.meter.RegistryMeters;
import dev.firn.registration.standing.SpineStore;
import dev.firn.registration.state.NodeNames;
import dev.firn.registration.table.TableProcessor;
import dev.firn.registration.validation.Verdict;
import dev.firn.registration.view.ViewEntry;
import dev.firn.schemas.Decoded;
import dev.firn.schemas.Namespace;
import dev.firn.schemas.UndecodableCode;
import dev.firn.service.event.EventDecoder;
import dev.firn.service.event.Frames;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.test.TestRecord;
import org.jspecify.annotations.Nullable;

/// The whole topology in a test driver, without a broker. Validations, looks at the catalog and writes of spines wait
/// until a test runs them; the clock stands still until a test moves it.
final class RegistryFixture implements AutoCloseable {
    static final Instant START = Instant.parse("2026-03-01T00:00:00Z");
    static final Duration TICK = Duration.ofMillis(25);
    private static final byte NOT_AVRO = 'x';

    final QueuedWork validations = new QueuedWork();
    final QueuedWork looks = new QueuedWork();
    final QueuedWork spineWrites = new QueuedWork();
    final Map<String, Function<RegistrationRequest, Verdict>> verdicts = new HashMap<>();
    final FakeCatalog catalog = new FakeCatalog();
    final FakeSpines spines = new FakeSpines();
    final Chance chance = new Chance();
    final HintBoard hints = new HintBoard();
    final MeterRegistry meters = new SimpleMeterRegistry();

    /// What the intake was paused for.
    final List<BooleanSupplier> paused = new ArrayList<>();

    boolean schemaRegistryAway;

    private final FirnConfig config;
    private final Path folder;
    private final TopologyTestDriver driver;

    RegistryFixture(String... settings) {
        Map<String, String> properties = new HashMap<>();
        for (int i = 0; i < settings.length; i += 2) {
            properties.put(settings[i], settings[i + 1]);
        }
        this.config = Settings.load(Map.of(), properties);
        try {
            this.folder = Files.createTempDirectory("registry");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        this.driver = start();
    }

    private TopologyTestDriver start() {
        Properties properties = new Properties();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "firn-registration");
        properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "none:1");
        properties.put(StreamsConfig.STATE_DIR_CONFIG, folder.toString());
        properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        return new TopologyTestDriver(topology(), properties, START);
    }

    Topology topology() {
        RegistryTopology.Wire wire = new RegistryTopology.Wire(
                decoder(RegistrationRequest.class),
                decoder(TableHint.class),
                decoder(StandingRequest.class),
                decoder(RetrievalResult.class),
                serializer(),
                serializer(),
                serializer(),
                serializer(),
                serializer(),
                serializer());
        RegistryTopology.Work work = new RegistryTopology.Work(
                request -> verdicts.getOrDefault(request.getName(), Views::accepted)
                        .apply(request),
                Duration.ofMinutes(2),
                validations,
                catalog,
                (name, look) -> looks.execute(look),
                spines,
                spineWrites,
                chance,
                new TableProcessor.Hints(hints, config.hints().lookInterval()),
                paused::add,
                new RegistryMeters(meters));
        return RegistryTopology.build(Namespace.DEFAULT, wire, work, config.registration(), config.refresh());
    }

    private <E extends SpecificRecordBase> EventDecoder<E> decoder(Class<E> type) {
        return bytes -> {
            if (schemaRegistryAway) {
                throw new DisconnectException("away");
            }
            if (bytes == null || bytes.length == 0 || bytes[0] == NOT_AVRO) {
                return new Decoded.Undecodable<>(UndecodableCode.NOT_MAGIC, "no magic byte");
            }
            return new Decoded.Value<>(Frames.decode(type, bytes));
        };
    }

    private static <E extends SpecificRecordBase> Serializer<E> serializer() {
        return (topic, event) -> event == null ? null : Frames.encode(event);
    }

    // -- in ------------------------------------------------------------------------------------------------------

    void send(RegistrationRequest request) {
        send("registration-requests", request.getName(), Frames.encode(request), new RecordHeaders());
    }

    void send(RegistrationRequest request, @Nullable String key, Headers headers) {
        send("registration-requests", key, Frames.encode(request), headers);
    }

    void send(TableHint hint) {
        send("table-hints", null, Frames.encode(hint), new RecordHeaders());
    }

    /// Hints at the table of [Views].
    void hint() {
        send(TableHint.newBuilder()
                .setCatalog("iceberg")
                .setSchema$("gold")
                .setTableName("customer_aggregates")
                .build());
    }

    void send(StandingRequest request) {
        send("standing-requests", request.getStandingId(), Frames.encode(request), new RecordHeaders());
    }

    void send(RetrievalResult result) {
        send("retrieval-results", result.getStandingId(), Frames.encode(result), new RecordHeaders());
    }

    void send(String topic, @Nullable String key, byte @Nullable [] value, Headers headers) {
        send(topic, key, value, headers, START);
    }

    /// @param appended the record's timestamp
    void send(String topic, @Nullable String key, byte @Nullable [] value, Headers headers, Instant appended) {
        into(topic)
                .pipeInput(new TestRecord<>(
                        key == null ? null : key.getBytes(StandardCharsets.UTF_8), value, headers, appended));
    }

    TestInputTopic<byte[], byte[]> into(String topic) {
        return driver.createInputTopic(
                "firn." + topic, new ByteArraySerializer(), new ByteArraySerializer(), START, Duration.ZERO);
    }

    /// Reads the topic from its beginning again, as after a loss of the group's offsets: the records sent to it next
    /// are its first ones once more. The state stays.
    void rewind(String topic) {
        offsets().forEach((partition, next) -> {
            if (partition.topic().equals("firn." + topic)) {
                next.set(0);
            }
        });
    }

    /// The test driver numbers records itself and has no other way to send one twice.
    @SuppressWarnings("unchecked") // the field's declared type
    private Map<TopicPartition, AtomicLong> offsets() {
        try {
            Field offsets = TopologyTestDriver.class.getDeclaredField("offsetsByTopicOrPatternPartition");
            offsets.setAccessible(true);
            return (Map<TopicPartition, AtomicLong>) offsets.get(driver);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("another version of the test driver", e);
        }
    }

    /// Advances the clock by one tick, so that outcomes are applied and due work starts.
    void tick() {
        pass(TICK);
    }

    void pass(Duration duration) {
        driver.advanceWallClockTime(duration);
    }

    /// Runs all waiting validations, and those that follow.
    void validateAll() {
        while (validations.waiting() > 0) {
            validations.runAll();
            tick();
        }
    }

    /// Registers the view of [Views] and reads the answer.
    void register(String id) {
        send(Views.request(id).build());
        validateAll();
        results();
    }

    /// Registers another view of the table of [Views], and reads the answer.
    void register(String id, String view) {
        send(Views.request(id, view).build());
        validateAll();
        results();
    }

    /// Hints at the table of [Views], and looks at it.
    void hintAndLook() {
        hint();
        tick();
        lookAll();
    }

    /// Shows the table of [Views] at another snapshot, and looks at it.
    void commit(long snapshot, long content, CommitKind kind) {
        show(snapshot, content, kind);
        hintAndLook();
    }

    void show(long snapshot, long content, CommitKind kind) {
        catalog.show(new KnownState(Views.UUID, snapshot, 0, content), kind, Views.SCHEMA);
    }

    /// Runs all waiting looks at the catalog.
    void lookAll() {
        looks.runAll();
        tick();
    }

    // -- out -----------------------------------------------------------------------------------------------------

    List<RegistrationResult> results() {
        return values("registration-results", RegistrationResult.class);
    }

    RegistrationResult result() {
        List<RegistrationResult> results = results();
        if (results.size() != 1) {
            throw new AssertionError("expected one result, got " + results);
        }
        return results.getFirst();
    }

    static List<String> codes(RegistrationResult result) {
        return result.getViolations().stream().map(Violation::getCode).toList();
    }

    List<FeatureView> views() {
        return values("feature-views", FeatureView.class);
    }

    List<TestRecord<String, @Nullable FeatureView>> viewRecords() {
        return records("feature-views", FeatureView.class);
    }

    List<TableCommit> commits() {
        return values("table-commits", TableCommit.class);
    }

    List<StandingRetrieval> standing() {
        return values("standing-retrievals", StandingRetrieval.class);
    }

    List<RetrievalRequest> runs() {
        return values("retrieval-runs", RetrievalRequest.class);
    }

    List<RetrievalResult> retrievalResults() {
        return values("retrieval-results", RetrievalResult.class);
    }

    /// The entry of a view that is registered.
    ViewEntry viewEntry(String view) {
        return Objects.requireNonNull(
                driver.<String, @Nullable ViewEntry>getKeyValueStore(NodeNames.VIEWS_STORE)
                        .get(view),
                view);
    }

    /// Entries of the store.
    int stored(String store) {
        int count = 0;
        try (KeyValueIterator<?, ?> all = driver.getKeyValueStore(store).all()) {
            for (; all.hasNext(); all.next()) {
                count++;
            }
        }
        return count;
    }

    /// Replaces what a store has, as an older version would have left it; null deletes it.
    <V> void replace(String store, String key, @Nullable V value) {
        driver.<String, @Nullable V>getKeyValueStore(store).put(key, value);
    }

    List<TestRecord<byte[], byte[]>> deadLetters() {
        return written("dead-letters");
    }

    /// What was written to the topic, as bytes.
    List<TestRecord<byte[], byte[]>> written(String topic) {
        return driver.createOutputTopic("firn." + topic, new ByteArrayDeserializer(), new ByteArrayDeserializer())
                .readRecordsToList();
    }

    <E extends SpecificRecordBase> List<TestRecord<String, E>> records(String topic, Class<E> type) {
        Deserializer<E> deserializer = (name, bytes) -> bytes == null ? null : Frames.decode(type, bytes);
        return driver.createOutputTopic("firn." + topic, new StringDeserializer(), deserializer)
                .readRecordsToList();
    }

    private <E extends SpecificRecordBase> List<E> values(String topic, Class<E> type) {
        return records(topic, type).stream().map(TestRecord::value).toList();
    }

    @Override
    public void close() {
        driver.close();
    }

    /// Random, unless a test fixes it.
    static final class Chance implements RandomGenerator {
        private final Random random = new Random(7);

        @Nullable
        Double fixed;

        @Override
        public long nextLong() {
            return random.nextLong();
        }

        @Override
        public double nextDouble() {
            return fixed == null ? random.nextDouble() : fixed;
        }
    }

    /// A store of spines that can be away or refuse.
    static final class FakeSpines implements SpineStore {
        boolean away;

        @Nullable
        LakeRejection rejection;

        int writes;

        @Override
        public Spine stored(String standingId, Spine inline) {
            if (away) {
                throw new LakeOutage(LakeCode.STORAGE_UNAVAILABLE, "away", null);
            }
            if (rejection != null) {
                throw rejection;
            }
            writes++;
            return Spine.newBuilder(inline)
                    .setRows(List.of())
                    .setLocations(List.of("s3://lake/firn-spines/firn/" + standingId + "/rows.json"))
                    .build();
        }
    }
}
