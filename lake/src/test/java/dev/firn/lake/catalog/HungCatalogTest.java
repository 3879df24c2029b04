package dev.firn.lake.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.lake.Access;
import dev.firn.lake.LakeOutage;
import dev.firn.lake.TableName;
import dev.firn.testkit.FaultyLink;
import dev.firn.testkit.Waiting;
import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.DriverPropertyInfo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Two catalogs, one of which accepts connections and never answers.
final class HungCatalogTest {
    private static final TableName GOOD = LakeFixture.ORDERS;
    private static final TableName HUNG = new TableName("hung", "gold", "orders");
    private static final Duration CALL_TIME = Duration.ofSeconds(2);
    private static final int PERMITS = 4;

    private LakeFixture lake;
    private RestCatalogServer server;
    private FaultyLink link;

    @BeforeEach
    void create(@TempDir Path folder) {
        lake = new LakeFixture(folder);
        lake.create(GOOD);
        server = RestCatalogServer.over(lake.writer);
        link = new FaultyLink("127.0.0.1", URI.create(server.uri()).getPort());
    }

    @AfterEach
    void close() throws Exception {
        link.close();
        server.close();
        lake.close();
    }

    private Catalogs catalogs(Map<String, String> hung) {
        return Catalogs.of(
                Map.of("iceberg", lake.properties(), "hung", hung),
                Map.of("client.region", "us-east-1"),
                new Access(Set.of("iceberg", "hung"), Set.of(), List.of(), "s3://lake/results"),
                new CatalogLimits(CALL_TIME, PERMITS, CatalogLimits.DEFAULTS.comparisonBytes()));
    }

    private Map<String, String> rest() {
        return Map.of(
                "type",
                "rest",
                "uri",
                "http://127.0.0.1:" + link.port(),
                "token",
                RestCatalogServer.TOKEN,
                "warehouse",
                lake.properties().get("warehouse"));
    }

    /// DARK holds back what comes on connections that are open already.
    @ParameterizedTest
    @EnumSource(names = {"HANG", "DARK"})
    void aRestCatalogThatHangsIsAnOutageOfItselfOnly(FaultyLink.Fault fault) {
        Catalogs catalogs = catalogs(rest());
        Waiting.until(Duration.ofSeconds(30), () -> answers(catalogs, HUNG), "the catalog is open");
        staysAnOutageOfItsOwn(catalogs, () -> link.fail(fault));

        link.heal();
        Waiting.until(
                Duration.ofSeconds(30),
                () -> catalogs.callsInProgress("hung") == 0,
                "the calls that were given up end");
        Waiting.until(Duration.ofSeconds(30), () -> answers(catalogs, HUNG), "the catalog answers again");
        catalogs.close();
    }

    @Test
    void aRestCatalogThatHangsWhenItIsOpenedIsAnOutageOfItselfOnly() {
        Catalogs catalogs = catalogs(rest());
        staysAnOutageOfItsOwn(catalogs, () -> link.fail(FaultyLink.Fault.HANG));
        closesWithinSeconds(catalogs);
    }

    /// A driver that ignores interrupts and has no time limit.
    @Test
    void aDriverThatHangsForEverIsAnOutageOfItselfOnly() throws Exception {
        HangingDriver driver = new HangingDriver();
        DriverManager.registerDriver(driver);
        try {
            Catalogs catalogs =
                    catalogs(Map.of("type", "jdbc", "uri", "jdbc:postgresql:hangs", "warehouse", "s3://lake"));
            staysAnOutageOfItsOwn(catalogs, () -> {});
            closesWithinSeconds(catalogs);
            assertThat(driver.seen.take())
                    .containsEntry("connectTimeout", "2")
                    .containsEntry("socketTimeout", "2")
                    .containsEntry("loginTimeout", "2");
        } finally {
            driver.released.countDown();
            DriverManager.deregisterDriver(driver);
        }
    }

    private static void staysAnOutageOfItsOwn(Catalogs catalogs, Runnable hang) {
        Waiting.until(Duration.ofSeconds(30), () -> answers(catalogs, GOOD), "the good catalog is open");
        hang.run();
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> calls = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                calls.add(callers.submit(() -> assertThatThrownBy(() -> catalogs.load(HUNG))
                        .isInstanceOf(LakeOutage.class)
                        .hasMessageContaining("hung")));
            }
            while (calls.stream().anyMatch(call -> !call.isDone())) {
                answersWithinASecond(catalogs);
            }
            calls.forEach(Future::resultNow);
        }
        answersWithinASecond(catalogs);
        assertThat(catalogs.callsInProgress("hung")).isLessThanOrEqualTo(PERMITS);
    }

    private static boolean answers(Catalogs catalogs, TableName table) {
        try {
            return catalogs.load(table).name().equals(table);
        } catch (LakeOutage e) {
            return false;
        }
    }

    private static void answersWithinASecond(Catalogs catalogs) {
        long start = System.nanoTime();
        catalogs.load(GOOD);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(1));
    }

    private static void closesWithinSeconds(Catalogs catalogs) {
        long start = System.nanoTime();
        catalogs.close();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(8));
    }

    private static final class HangingDriver implements Driver {
        final CountDownLatch released = new CountDownLatch(1);
        final BlockingQueue<Properties> seen = new ArrayBlockingQueue<>(1_000);

        @Override
        public Connection connect(String url, Properties info) {
            seen.add(info);
            while (true) {
                try {
                    released.await();
                    throw new IllegalStateException("released");
                } catch (InterruptedException e) {
                    // as a thread that reads a socket
                }
            }
        }

        @Override
        public boolean acceptsURL(String url) {
            return url.equals("jdbc:postgresql:hangs");
        }

        @Override
        public DriverPropertyInfo[] getPropertyInfo(String url, Properties info) {
            return new DriverPropertyInfo[0];
        }

        @Override
        public int getMajorVersion() {
            return 1;
        }

        @Override
        public int getMinorVersion() {
            return 0;
        }

        @Override
        public boolean jdbcCompliant() {
            return false;
        }

        @Override
        public Logger getParentLogger() {
            return Logger.getGlobal();
        }
    }
}
