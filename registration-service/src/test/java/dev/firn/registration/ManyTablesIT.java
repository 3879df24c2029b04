package dev.firn.registration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.config.FirnConfig;
import dev.firn.config.Settings;
import dev.firn.events.CommitKind;
import dev.firn.events.FeatureView;
import dev.firn.events.RegistrationRequest;
import dev.firn.events.RegistrationResult;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import dev.firn.events.StandingAction;
import dev.firn.events.StandingRequest;
import dev.firn.events.StandingRetrieval;
import dev.firn.events.TableSource;
import dev.firn.registration.command.KnownState;
import dev.firn.registration.command.TableLook;
import dev.firn.registration.table.TableObserver;
import dev.firn.schemas.Topic;
import dev.firn.service.event.Frames;
import dev.firn.testkit.TestStack;
import dev.firn.testkit.Waiting;
import dev.firn.testkit.WithStack;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// A view on each of many tables, and many standing retrievals: whether every table is looked at in time, how
/// long a commit to each of them takes to reach all, and a restart with all of that. Broker, Kafka Streams,
/// transactions and stores are real; Trino and the catalog answer at once.
///
/// The gate has few; `-Dfirn.tables=1000 -Dfirn.standing=5000` is what has been asked for.
@WithStack
final class ManyTablesIT {
    private static final int TABLES = Integer.getInteger("firn.tables", 60);
    private static final int STANDING = Integer.getInteger("firn.standing", 120);
    private static final Duration INTERVAL = Duration.ofSeconds(TABLES < 1_000 ? 2 : 10);
    private static final Duration LIMIT = Duration.ofMinutes(10);

    private final Map<String, Long> lookedAtNanos = new ConcurrentHashMap<>();
    private final AtomicLong snapshot = new AtomicLong(100);

    @Test
    void everyTableIsLookedAtInTimeAlsoAfterARestart(TestStack stack) {
        try (RealRegistry registry = new RealRegistry(
                stack,
                "firn.registration.max-views",
                "100000",
                "firn.registration.max-standing-retrievals",
                "100000",
                "firn.refresh.poll-interval",
                INTERVAL.toMillis() + "ms")) {
            FrameReader<FeatureView> views = new FrameReader<>(registry, Topic.FEATURE_VIEWS, FeatureView.class);
            FrameReader<StandingRetrieval> standing =
                    new FrameReader<>(registry, Topic.STANDING_RETRIEVALS, StandingRetrieval.class);
            RegistryStreams streams = start(registry);
            try {
                long began = System.nanoTime();
                register(registry);
                views.await(() -> views.latest.size() == TABLES, LIMIT);
                say("%d views registered in %d ms", TABLES, millisSince(began));
                began = System.nanoTime();
                create(registry);
                standing.await(() -> standing.latest.size() == STANDING, LIMIT);
                say("%d standing retrievals created in %d ms", STANDING, millisSince(began));
                looks("of a running service");

                began = System.nanoTime();
                snapshot.incrementAndGet();
                views.await(() -> isMoved(views.latest), LIMIT);
                say("a commit to each table reached all views in %d ms", millisSince(began));
            } finally {
                streams.close();
            }
            long stopped = System.nanoTime();
            lookedAtNanos.clear();
            snapshot.incrementAndGet();
            RegistryStreams again = start(registry);
            try {
                Waiting.until(LIMIT, again::isReady, "readiness");
                say("ready again after %d ms", millisSince(stopped));
                views.await(() -> isMoved(views.latest), LIMIT);
                say("a commit to each table meanwhile reached all views %d ms after the restart", millisSince(stopped));
                looks("after the restart");
                say("registration answered in %d ms", answered(registry));
            } finally {
                again.close();
            }
        }
    }

    private boolean isMoved(Map<String, FeatureView> latest) {
        return latest.values().stream()
                .allMatch(view -> Objects.equals(view.getSource().getSnapshotId(), snapshot.get()));
    }

    /// For three intervals, each table must have been looked at within two.
    private void looks(String when) {
        Waiting.until(LIMIT, () -> lookedAtNanos.size() == TABLES, "a look at each table");
        long began = System.nanoTime();
        long cpuBefore = cpuNanos();
        long[] oldest = {0};
        Waiting.until(
                LIMIT,
                () -> {
                    long now = System.nanoTime();
                    lookedAtNanos.values().forEach(at -> oldest[0] = Math.max(oldest[0], now - at));
                    return now - began
                            > INTERVAL.multipliedBy(TABLES < 1_000 ? 1 : 3).toNanos();
                },
                "some intervals");
        long took = System.nanoTime() - began;
        say(
                "%s, no table was unseen for longer than %d ms; this process took %.1f %% of a core",
                when, oldest[0] / 1_000_000, 100.0 * (cpuNanos() - cpuBefore) / took);
        if (TABLES >= 1_000) { // a gate shares its machine
            assertThat(Duration.ofNanos(oldest[0])).isLessThan(INTERVAL.multipliedBy(2));
        }
    }

    private static long cpuNanos() {
        return ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class)
                .getProcessCpuTime();
    }

    private static long answered(RealRegistry registry) {
        FrameReader<RegistrationResult> answers =
                new FrameReader<>(registry, Topic.REGISTRATION_RESULTS, RegistrationResult.class);
        answers.readAll();
        long asked = System.nanoTime();
        RegistrationRequest again =
                request(0).setRequestId("again").setTtlMicros(7L).build();
        registry.send(Topic.REGISTRATION_REQUESTS, again.getName(), Frames.encode(again));
        answers.await(
                () -> answers.latest.values().stream()
                        .anyMatch(answer -> answer.getRequestId().equals("again")),
                LIMIT);
        return millisSince(asked);
    }

    private static void register(RealRegistry registry) {
        for (int i = 0; i < TABLES; i++) {
            RegistrationRequest request = request(i).build();
            registry.sendAsync(Topic.REGISTRATION_REQUESTS, request.getName(), Frames.encode(request));
        }
    }

    private static RegistrationRequest.Builder request(int number) {
        RegistrationRequest.Builder request = Views.request("r" + number, "view_" + number);
        return request.setSource(TableSource.newBuilder(request.getSource())
                .setTableName("table_" + number)
                .build());
    }

    private static void create(RealRegistry registry) {
        for (int i = 0; i < STANDING; i++) {
            StandingRequest request = StandingRequest.newBuilder()
                    .setRequestId("c" + i)
                    .setStandingId("standing_" + i)
                    .setAction(StandingAction.CREATE)
                    .setRetrieval(RetrievalRequest.newBuilder()
                            .setRequestId("unused")
                            .setSpine(Spine.newBuilder()
                                    .setKind(SpineKind.IDS)
                                    .setColumns(List.of("customer_id"))
                                    .setRows(List.of(List.of("1")))
                                    .build())
                            .setFeatures(List.of("view_%d:total_orders".formatted(i % TABLES)))
                            .build())
                    .build();
            registry.sendAsync(Topic.STANDING_REQUESTS, request.getStandingId(), Frames.encode(request));
        }
    }

    private RegistryStreams start(RealRegistry registry) {
        FirnConfig config = Settings.load(Map.of(), registry.properties());
        return FramedRegistry.start(
                registry,
                config,
                request -> Views.accepted(request, snapshot.get()),
                observer(),
                new SimpleMeterRegistry());
    }

    private TableObserver observer() {
        return (table, asked) -> {
            lookedAtNanos.put(table, System.nanoTime());
            KnownState now = new KnownState(Views.UUID, snapshot.get(), 0, snapshot.get());
            return asked.stream()
                    .map(one -> new TableObserver.LookResult(one, look(table, one, now), Views.SCHEMA))
                    .collect(Collectors.toSet());
        };
    }

    private static TableLook look(String table, TableObserver.LookRequest asked, KnownState now) {
        boolean isSame = asked.before().equals(now);
        return new TableLook.Present(
                table,
                asked.ref(),
                asked.before(),
                now,
                isSame ? CommitKind.UNKNOWN : CommitKind.APPEND,
                !isSame,
                "s3://lake/%s/metadata/%d.json".formatted(table, now.snapshotId()),
                "s3://lake/" + table,
                1_700_000_000_000_000L);
    }

    private static long millisSince(long nanos) {
        return (System.nanoTime() - nanos) / 1_000_000;
    }

    private static void say(String text, Object... values) {
        System.out.printf(text + "%n", values);
    }
}
