package dev.firn.registration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.config.FirnConfig;
import dev.firn.config.Settings;
import dev.firn.events.CommitKind;
import dev.firn.events.FeatureView;
import dev.firn.events.RegistrationRequest;
import dev.firn.events.RegistrationResult;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import dev.firn.events.StandingAction;
import dev.firn.events.StandingRequest;
import dev.firn.registration.async.AppliedUpTo;
import dev.firn.registration.async.Mailbox;
import dev.firn.registration.command.KnownState;
import dev.firn.registration.command.StandingCommand;
import dev.firn.registration.command.TableCommand;
import dev.firn.registration.command.TableLook;
import dev.firn.registration.command.ViewCommand;
import dev.firn.registration.meter.RegistryMeters;
import dev.firn.registration.standing.StandingEntry;
import dev.firn.registration.standing.StandingProcessor;
import dev.firn.registration.state.NodeNames;
import dev.firn.registration.state.StateJson;
import dev.firn.registration.view.AnsweredRequest;
import dev.firn.registration.view.PendingRegistration;
import dev.firn.registration.view.Subscriber;
import dev.firn.registration.view.ViewEntry;
import dev.firn.registration.view.ViewProcessor;
import dev.firn.schemas.Code;
import dev.firn.schemas.RequestDigest;
import dev.firn.service.event.Frames;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.iceberg.SchemaParser;
import org.apache.iceberg.types.Types;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What one incarnation of a writer leaves for the next, after a crash or a rebalance.
final class IncarnationTest {
    private static final FirnConfig CONFIG = Settings.load(Map.of(), Map.of());

    private final QueuedWork validations = new QueuedWork();
    private final QueuedWork spineWrites = new QueuedWork();
    private final MockProcessorContext<String, Object> context = new MockProcessorContext<>(properties());
    private final RegistryMeters meters = new RegistryMeters(new SimpleMeterRegistry());
    private final RegistryFixture.Chance chance = new RegistryFixture.Chance();
    private long nextOffset;
    private int punctuatorsOfEarlierOnes;

    /// Avro builds none of Firn's events before it trusts them, so these tests would fail as the first of their JVM.
    @BeforeAll
    static void trustEvents() {
        assertThat(Frames.encode(Views.request("any").build())).isNotEmpty();
    }

    @Test
    void restartsWhatWasInFlightAndAnswersItOnce() {
        store(NodeNames.VIEW_COMMANDS_POSITION, Serdes.Integer(), AppliedUpTo.class);
        store(NodeNames.VIEWS_STORE, ViewEntry.class);
        store(NodeNames.SUBSCRIBERS_STORE, Subscriber.class);
        store(NodeNames.ANSWERED_STORE, AnsweredRequest.class);
        store(NodeNames.PENDING_STORE, PendingRegistration.class);
        context.setCurrentSystemTimeMs(1_000);
        ViewProcessor dying = processor();
        dying.init(context);
        accept(dying, Views.request("r1").build());
        accept(dying, Views.request("r2").setTtlMicros(1L).build());
        end(dying);

        ViewProcessor next = processor();
        next.init(context);
        validations.runAll(); // verdicts for the earlier incarnation
        tick();
        assertThat(answers()).isEmpty();

        validations.runAll();
        tick();
        validations.runAll();
        tick();
        assertThat(answers()).containsExactly("r1", "r2");
    }

    /// Schemas are kept in memory only.
    @Test
    void asksForTheSchemaThatAnEarlierIncarnationWasSent() {
        store(NodeNames.VIEW_COMMANDS_POSITION, Serdes.Integer(), AppliedUpTo.class);
        store(NodeNames.VIEWS_STORE, ViewEntry.class);
        store(NodeNames.SUBSCRIBERS_STORE, Subscriber.class);
        store(NodeNames.ANSWERED_STORE, AnsweredRequest.class);
        store(NodeNames.PENDING_STORE, PendingRegistration.class);
        context.setCurrentSystemTimeMs(1_000);
        ViewProcessor dying = processor();
        dying.init(context);
        accept(dying, Views.request("r1").build());
        validations.runAll();
        tick();
        end(dying);
        context.resetForwards();

        ViewProcessor next = processor();
        next.init(context);
        KnownState before = new KnownState(Views.UUID, 100L, 0, 100L);
        TableLook look = new TableLook.Present(
                Views.TABLE,
                null,
                before,
                new KnownState(Views.UUID, 101L, 1, 101L),
                CommitKind.SCHEMA,
                true,
                "s3://lake/t/metadata/2.json",
                "s3://lake/t",
                1L);
        String json = SchemaParser.toJson(Views.schema(Types.StringType.get()));
        process(next, Views.TABLE, schema(1, 2, json.substring(30)));
        process(next, "customer_features", new ViewCommand.Refresh(look));
        assertThat(context.forwarded(NodeNames.FEATURE_VIEWS_SINK)).isEmpty();
        assertThat(context.forwarded(NodeNames.VIEWS_TO_TABLES_SINK))
                .extracting(forward -> (Object) forward.record().value())
                .containsExactly(
                        new TableCommand.Watch("customer_features", null, before, "s3://lake/t/metadata/1.json", true));

        process(next, Views.TABLE, schema(0, 2, json.substring(0, 30)));
        process(next, Views.TABLE, schema(1, 2, json.substring(30)));
        process(next, "customer_features", new ViewCommand.Refresh(look));
        assertThat(context.forwarded(NodeNames.FEATURE_VIEWS_SINK))
                .extracting(forward -> ((FeatureView) forward.record().value())
                        .getReasons()
                        .getFirst()
                        .getCode())
                .containsExactly(Code.TYPE_CHANGED.name());
    }

    private static ViewCommand schema(int part, int of, String json) {
        return new ViewCommand.TableSchema(
                Views.TABLE, null, Views.UUID, 1, new ViewCommand.TableSchema.Part(part, of, json));
    }

    @Test
    void storesTheSpineAgainAndReissuesTheRunOfAnEarlierIncarnation() {
        store(NodeNames.STANDING_COMMANDS_POSITION, Serdes.Integer(), AppliedUpTo.class);
        store(NodeNames.STANDING_STORE, StandingEntry.class);
        context.setCurrentSystemTimeMs(1_000);
        StandingProcessor dying = standing();
        dying.init(context);
        StandingCommand ask = new StandingCommand.Ask(withRows(), "d", null);
        process(dying, "daily", ask);
        end(dying);

        StandingProcessor next = standing();
        next.init(context);
        spineWrites.runAll(); // for the earlier incarnation
        tick();
        assertThat(answerStatuses()).isEmpty();
        spineWrites.runAll();
        tick();
        assertThat(answerStatuses()).containsExactly(RetrievalStatus.CREATED);
        process(next, "daily", new StandingCommand.ViewChanged("unregistered", null));
        assertThat(runs()).hasSize(1);
        end(next);

        standing().init(context);
        tick();
        assertThat(runs()).hasSize(1);
        context.setCurrentSystemTimeMs(
                context.currentSystemTimeMs() + CONFIG.refresh().runTimeout().toMillis());
        tick();
        assertThat(runs()).hasSize(2).allMatch(runs().getFirst()::equals);
    }

    @Test
    void retriesARunThatFailedUnderAnEarlierIncarnation() {
        store(NodeNames.STANDING_COMMANDS_POSITION, Serdes.Integer(), AppliedUpTo.class);
        store(NodeNames.STANDING_STORE, StandingEntry.class);
        context.setCurrentSystemTimeMs(1_000);
        StandingProcessor dying = standing();
        dying.init(context);
        process(dying, "daily", new StandingCommand.Ask(withRows(), "d", null));
        spineWrites.runAll();
        tick();
        process(dying, "daily", new StandingCommand.ViewChanged("unregistered", null));
        RetrievalResult failed = RetrievalResult.newBuilder(Standings.result(runs().getFirst(), RetrievalStatus.FAILED))
                .setCode(Code.OUT_OF_BUDGET.name())
                .setFault(Code.OUT_OF_BUDGET.fault())
                .build();
        process(dying, "daily", new StandingCommand.RunAnswered(failed));
        end(dying);

        standing().init(context);
        tick();
        assertThat(runs()).hasSize(1);
        context.setCurrentSystemTimeMs(context.currentSystemTimeMs()
                + CONFIG.refresh().runRetryBackoff().toMillis());
        tick();
        assertThat(runs()).hasSize(2);
        assertThat(runs().getLast().getRequestId()).startsWith("daily.r2.");
    }

    /// Version 1 followed no tables, and may have missed commits to a spine.
    @Test
    void followsTheTableOfASpineThatAnEarlierVersionDidNot() {
        store(NodeNames.STANDING_COMMANDS_POSITION, Serdes.Integer(), AppliedUpTo.class);
        store(NodeNames.STANDING_STORE, StandingEntry.class);
        context.setCurrentSystemTimeMs(1_000);
        StandingProcessor older = standing();
        older.init(context);
        StandingRequest request = StandingRequest.newBuilder(withRows())
                .setRetrieval(RetrievalRequest.newBuilder(withRows().getRetrieval())
                        .setSpine(Spine.newBuilder()
                                .setKind(SpineKind.TABLE)
                                .setTable("c.s.orders")
                                .build())
                        .build())
                .build();
        process(older, "daily", new StandingCommand.Ask(request, "d", null));
        process(older, "daily", new StandingCommand.ViewChanged("unregistered", null));
        process(older, "daily", new StandingCommand.TableMoved("c.s.orders", null, null, null));
        process(
                older,
                "daily",
                new StandingCommand.RunAnswered(Standings.result(runs().getFirst(), RetrievalStatus.SUCCEEDED)));
        end(older);
        KeyValueStore<String, StandingEntry> store = context.getStateStore(NodeNames.STANDING_STORE);
        Serde<StandingEntry> serde = StateJson.serde(StandingEntry.class);
        String stored = new String(serde.serializer().serialize("t", store.get("daily")), StandardCharsets.UTF_8);
        String old = stored.replaceFirst("\"tables\":\\[.*?\\],", "");
        assertThat(old).isNotEqualTo(stored);
        store.put("daily", serde.deserializer().deserialize("t", old.getBytes(StandardCharsets.UTF_8)));
        context.resetForwards();

        StandingProcessor newer = standing();
        newer.init(context);
        tick();
        assertThat(context.forwarded(NodeNames.STANDING_TO_TABLES_SINK))
                .extracting(forward -> (Object) forward.record().value())
                .containsExactly(new TableCommand.Follow("daily", null));
        assertThat(runs()).isEmpty();
        process(newer, "daily", new StandingCommand.TableMoved("c.s.orders", null, null, null));
        assertThat(runs()).hasSize(1);
    }

    @Test
    void ignoresOutcomesThatComeAfterClose() {
        Mailbox<String> mailbox = new Mailbox<>();
        mailbox.put("before");
        mailbox.close();
        mailbox.put("after");

        mailbox.drain(letter -> {
            throw new AssertionError("read " + letter);
        });
        assertThat(mailbox.isOpen()).isFalse();
    }

    private ViewProcessor processor() {
        return new ViewProcessor(
                CONFIG.registration(), CONFIG.refresh(), Duration.ofMinutes(1), Views::accepted, validations, meters);
    }

    private StandingProcessor standing() {
        chance.fixed = 0.0; // pauses without jitter
        return new StandingProcessor(
                CONFIG.registration(), CONFIG.refresh(), new RegistryFixture.FakeSpines(), spineWrites, chance, meters);
    }

    private static StandingRequest withRows() {
        return StandingRequest.newBuilder()
                .setRequestId("c1")
                .setStandingId("daily")
                .setAction(StandingAction.CREATE)
                .setRetrieval(RetrievalRequest.newBuilder()
                        .setRequestId("unused")
                        .setSpine(Spine.newBuilder()
                                .setKind(SpineKind.IDS)
                                .setColumns(List.of("id"))
                                .setRows(List.of(List.of("1")))
                                .build())
                        .setFeatures(List.of("unregistered:value"))
                        .build())
                .build();
    }

    private void accept(ViewProcessor processor, RegistrationRequest request) {
        ViewCommand command = new ViewCommand.Register(request, RequestDigest.of(request), null);
        process(processor, request.getName(), command);
    }

    /// Each record has the offset after the one before.
    private <C> void process(Processor<String, C, ?, ?> processor, String key, C command) {
        context.setRecordMetadata("commands", 0, nextOffset++);
        processor.process(new Record<>(key, command, 0));
    }

    /// Closes it and stops its ticks, as Kafka Streams does.
    private void end(Processor<?, ?, ?, ?> dying) {
        dying.close();
        punctuatorsOfEarlierOnes = context.scheduledPunctuators().size();
    }

    private void tick() {
        context.setCurrentSystemTimeMs(context.currentSystemTimeMs() + 25);
        context.scheduledPunctuators().stream()
                .skip(punctuatorsOfEarlierOnes)
                .filter(scheduled -> scheduled.getInterval().compareTo(Duration.ofSeconds(1)) < 0)
                .forEach(scheduled -> scheduled.getPunctuator().punctuate(context.currentSystemTimeMs()));
    }

    private List<RetrievalStatus> answerStatuses() {
        return context.forwarded(NodeNames.STANDING_RESULTS_SINK).stream()
                .map(forward -> ((RetrievalResult) forward.record().value()).getStatus())
                .toList();
    }

    private List<RetrievalRequest> runs() {
        return context.forwarded(NodeNames.RETRIEVAL_RUNS_SINK).stream()
                .map(forward -> (RetrievalRequest) forward.record().value())
                .toList();
    }

    private List<String> answers() {
        return context.forwarded(NodeNames.REGISTRATION_RESULTS_SINK).stream()
                .map(forward -> ((RegistrationResult) forward.record().value()).getRequestId())
                .toList();
    }

    private <T> void store(String name, Class<T> type) {
        store(name, Serdes.String(), type);
    }

    private <K, T> void store(String name, Serde<K> keys, Class<T> type) {
        KeyValueStore<K, T> store = Stores.keyValueStoreBuilder(
                        Stores.inMemoryKeyValueStore(name), keys, StateJson.serde(type))
                .withLoggingDisabled()
                .build();
        context.addStateStore(store);
        store.init(context.getStateStoreContext(), store);
    }

    private static Properties properties() {
        Properties properties = new Properties();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "t");
        properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "none:1");
        return properties;
    }
}
