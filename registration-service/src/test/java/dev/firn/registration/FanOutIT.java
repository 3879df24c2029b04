package dev.firn.registration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.config.FirnConfig;
import dev.firn.config.Settings;
import dev.firn.events.CommitKind;
import dev.firn.events.FeatureView;
import dev.firn.events.RegistrationRequest;
import dev.firn.events.RegistrationResult;
import dev.firn.events.ResolvedSource;
import dev.firn.events.TableHint;
import dev.firn.registration.command.KnownState;
import dev.firn.registration.validation.Resolution;
import dev.firn.registration.validation.Verdict;
import dev.firn.schemas.Topic;
import dev.firn.service.event.Frames;
import dev.firn.testkit.TestStack;
import dev.firn.testkit.WithStack;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;

/// Many views on one table of 500 columns: how long a commit takes to reach all of them, and how long a
/// registration takes to be answered meanwhile. Broker, Kafka Streams, transactions and stores are real; Trino
/// and the catalog answer at once.
///
/// The gate has 300 views and only waits until all have moved; `-Dfirn.views=10000` holds the limits too.
@WithStack
final class FanOutIT {
    private static final int VIEWS = Integer.getInteger("firn.views", 300);
    private static final String PROBED = "probed_view";
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(1);

    private final FakeCatalog catalog = new FakeCatalog();
    private final List<Long> waits = new ArrayList<>();
    private volatile KnownState state = KnownState.NEVER_SEEN;

    @Test
    void aCommitReachesAllViewsWhileRegistrationsAreAnswered(TestStack stack) {
        try (RealRegistry registry = new RealRegistry(stack, "firn.registration.max-views", "100000")) {
            commit(100, 0);
            RegistryStreams streams = start(registry);
            try {
                register(registry);
                FrameReader<FeatureView> views = new FrameReader<>(registry, Topic.FEATURE_VIEWS, FeatureView.class);
                views.await(() -> views.latest.size() == VIEWS, Duration.ofMinutes(10));

                moved(registry, streams, views, 101, 0); // the first one pays for class loading
                waits.clear();
                Duration sameSchema = moved(registry, streams, views, 102, 0);
                Duration otherSchema = moved(registry, streams, views, 103, 1);
                System.out.printf(
                        "%d views moved in %d ms after a commit, in %d ms after one that changes the schema; registrations answered meanwhile in ms: %s%n",
                        VIEWS, sameSchema.toMillis(), otherSchema.toMillis(), waits);
                if (VIEWS >= 10_000) { // a gate shares its machine
                    assertThat(sameSchema).isLessThan(LIMIT);
                    assertThat(Collections.max(waits)).isLessThan(ANSWER_LIMIT.toMillis());
                }
            } finally {
                streams.close();
            }
        }
    }

    private Duration moved(
            RealRegistry registry,
            RegistryStreams streams,
            FrameReader<FeatureView> views,
            long snapshot,
            int schemaId) {
        FrameReader<RegistrationResult> answers =
                new FrameReader<>(registry, Topic.REGISTRATION_RESULTS, RegistrationResult.class);
        answers.readAll();
        commit(snapshot, schemaId);
        long began = System.nanoTime();
        registry.send(
                Topic.TABLE_HINTS,
                null,
                Frames.encode(TableHint.newBuilder()
                        .setCatalog("iceberg")
                        .setSchema$("gold")
                        .setTableName("customer_aggregates")
                        .build()));
        BooleanSupplier areAllMoved = () -> views.latest.values().stream()
                        .filter(view -> !view.getName().equals(PROBED))
                        .filter(view -> view.getSource().getSnapshotId() == snapshot)
                        .count()
                == VIEWS;
        for (int probe = 0; !areAllMoved.getAsBoolean(); probe++) {
            String id = "probe-%d-%d".formatted(snapshot, probe);
            long asked = System.nanoTime();
            RegistrationRequest request = Views.request(id, PROBED)
                    .setTtlMicros(snapshot * 1_000_000 + probe)
                    .build();
            registry.send(Topic.REGISTRATION_REQUESTS, PROBED, Frames.encode(request));
            answers.await(
                    () -> answers.latest.containsKey(PROBED)
                            && answers.latest.get(PROBED).getRequestId().equals(id),
                    Duration.ofMinutes(1));
            waits.add((System.nanoTime() - asked) / 1_000_000);
            views.poll();
            assertThat(streams.isReady()).isTrue();
            assertThat(System.nanoTime() - began)
                    .isLessThan(Duration.ofMinutes(5).toNanos());
        }
        Duration took = Duration.ofNanos(System.nanoTime() - began);
        return took;
    }

    /// The table as it is now.
    private Verdict accepted(RegistrationRequest request) {
        KnownState now = state;
        Resolution resolution = Views.accepted(request, Objects.requireNonNull(now.snapshotId()))
                .resolution();
        ResolvedSource source = ResolvedSource.newBuilder(resolution.source())
                .setSchemaId(now.schemaId())
                .build();
        return new Verdict.Accepted(new Resolution(resolution.entities(), resolution.features(), source), List.of());
    }

    private void commit(long snapshot, int schemaId) {
        List<Types.NestedField> wide = new ArrayList<>(Views.SCHEMA.columns());
        for (int i = 0; i < 500; i++) {
            wide.add(Types.NestedField.optional(100 + i, "another_column_" + i, Types.DoubleType.get()));
        }
        state = new KnownState(Views.UUID, snapshot, schemaId, snapshot);
        catalog.show(state, CommitKind.APPEND, new Schema(wide));
    }

    private static void register(RealRegistry registry) {
        for (int i = 0; i < VIEWS; i++) {
            RegistrationRequest request = Views.request("r" + i, "view_" + i).build();
            registry.sendAsync(Topic.REGISTRATION_REQUESTS, request.getName(), Frames.encode(request));
        }
    }

    private RegistryStreams start(RealRegistry registry) {
        FirnConfig config = Settings.load(Map.of(), registry.properties());
        return FramedRegistry.start(registry, config, this::accepted, catalog, new SimpleMeterRegistry());
    }
}
