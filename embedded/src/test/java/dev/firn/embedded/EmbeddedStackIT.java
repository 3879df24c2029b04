package dev.firn.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.iceberg.Schema;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class EmbeddedStackIT {
    /// An idle machine with two cores needs about half of it.
    private static final Duration START_LIMIT = Duration.ofSeconds(60);

    private final Path folder;
    private final Duration startTook;
    private final EmbeddedStack stack;

    EmbeddedStackIT(@TempDir Path temp) {
        folder = temp.resolve("data");
        Instant start = Instant.now();
        stack = EmbeddedStack.start(StackSettings.in(folder));
        startTook = Duration.between(start, Instant.now());
        System.out.println("the stack started in " + startTook);
    }

    @AfterAll
    void close() {
        stack.close();
    }

    @Test
    void startsInTimeWithAllPartsHealthy() {
        assertThat(startTook).isLessThan(START_LIMIT);
        assertThat(stack.status())
                .extracting(status -> status.part().name(), PartStatus::healthy)
                .containsExactlyInAnyOrder(
                        tuple("broker", true), tuple("registry", true), tuple("s3", true), tuple("trino", true));
    }

    @Test
    void letsAnotherProcessAttach() {
        AttachedStack attached = EmbeddedStack.attach(folder);
        assertThat(attached.addresses()).isEqualTo(stack.addresses());
        assertThat(attached.isHealthy()).isTrue();
    }

    @Test
    void refusesASecondStartOnTheSameFolder() {
        assertThatThrownBy(() -> EmbeddedStack.start(StackSettings.in(folder)))
                .isInstanceOfSatisfying(
                        StackException.class, e -> assertThat(e.code()).isEqualTo(StackException.Code.ALREADY_RUNNING))
                .hasMessageContaining(stack.addresses().bootstrapServers())
                .hasMessageContaining("healthy");
        assertThat(EmbeddedStack.attach(folder).isHealthy()).isTrue();
    }

    @Test
    void servesTheConfluentApiOfTheRegistry() throws Exception {
        HttpResponse<String> subjects = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(stack.addresses().schemaRegistryUrl() + "/subjects"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(subjects.statusCode()).isEqualTo(200);
    }

    @Test
    void createsIcebergTablesThroughTrino() throws Exception {
        TrinoStatements trino =
                new TrinoStatements("http://127.0.0.1:" + stack.addresses().trinoPort());
        assertThat(trino.run("CREATE TABLE iceberg.gold.nation AS SELECT * FROM tpch.tiny.nation")
                        .message())
                .isEmpty();
        try (var catalog = DriverManager.getConnection(stack.addresses().catalogUri());
                ResultSet table = catalog.createStatement()
                        .executeQuery("SELECT metadata_location FROM iceberg_tables WHERE table_name = 'nation'")) {
            assertThat(table.next()).isTrue();
            assertThat(table.getString(1)).startsWith("s3://lake/iceberg/gold/nation-");
        }
    }

    @Test
    void letsIcebergAndTrinoCommitConcurrently() throws Exception {
        int tablesEach = 8;
        TrinoStatements trino =
                new TrinoStatements("http://127.0.0.1:" + stack.addresses().trinoPort());
        assertThat(trino.run("CREATE SCHEMA iceberg.shared WITH (location = 's3://lake/iceberg/shared')"))
                .isEqualTo(new TrinoStatements.Outcome("", ""));
        try (JdbcCatalog iceberg = new JdbcCatalog();
                ExecutorService other = Executors.newSingleThreadExecutor()) {
            // the same catalog and file; metadata in memory needs no S3 client
            Map<String, String> properties = new HashMap<>(stack.addresses().icebergCatalogProperties());
            properties.put("io-impl", "org.apache.iceberg.inmemory.InMemoryFileIO");
            iceberg.initialize(StackAddresses.CATALOG, properties);
            Namespace shared = Namespace.of("shared");
            Schema schema = new Schema(Types.NestedField.required(1, "id", Types.LongType.get()));
            Future<?> java = other.submit(() -> {
                for (int i = 0; i < tablesEach; i++) {
                    iceberg.createTable(TableIdentifier.of(shared, "java_" + i), schema);
                }
            });
            for (int i = 0; i < tablesEach; i++) {
                assertThat(trino.run("CREATE TABLE iceberg.shared.trino_%d (id bigint)".formatted(i)))
                        .isEqualTo(new TrinoStatements.Outcome("", ""));
            }
            java.get();
            assertThat(iceberg.listTables(shared)).hasSize(2 * tablesEach);
        }
    }

    @Test
    void listensOnlyOnTheLoopbackInterface() throws Exception {
        List<InetAddress> others = NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(address -> !address.isLoopbackAddress())
                .toList();
        for (InetAddress other : others) {
            for (PartStatus part : stack.status()) {
                int port = URI.create("x://" + part.part().address().replaceFirst("^http://", ""))
                        .getPort();
                assertThatThrownBy(() -> {
                            try (Socket socket = new Socket()) {
                                socket.connect(new InetSocketAddress(other, port), 500);
                            }
                        })
                        .as("%s on %s", part, other)
                        .isInstanceOf(IOException.class);
            }
        }
    }

    @Test
    void supervisesFurtherProcesses() throws Exception {
        ProcessSpec sleeper = ProcessSpec.of(
                "sleeper",
                List.of(Path.of("target/test-classes").toAbsolutePath().toString()),
                Sleeper.class.getName(),
                folder.resolve("sleeper"));
        Part state = stack.run(sleeper);
        assertThat(EmbeddedStack.attach(folder).status())
                .anySatisfy(status -> assertThat(status.part().name().equals("sleeper") && status.healthy())
                        .isTrue());
        stack.stop("sleeper");
        assertThat(state.isAlive()).isFalse();
    }

    @Test
    void showsTheLogOfAProcessThatFails() {
        ProcessSpec broken = ProcessSpec.of(
                        "broken",
                        List.of(Path.of("target/test-classes").toAbsolutePath().toString()),
                        Sleeper.class.getName(),
                        folder.resolve("broken"))
                .withArguments("fail")
                .readyAt("", HealthProbe.http("http://127.0.0.1:1/"));
        assertThatThrownBy(() -> stack.run(broken))
                .isInstanceOf(StackException.class)
                .hasMessageContaining("[broken] exited with code 1")
                .hasMessageContaining("broken.log")
                .hasMessageContaining("fails as told");
    }

    /// Waits for its parent to end, or fails at once.
    public static final class Sleeper {
        private Sleeper() {}

        public static void main(String[] arguments) throws InterruptedException {
            if (arguments.length > 0) {
                throw new IllegalStateException("fails as told");
            }
            new CountDownLatch(1).await(10, TimeUnit.MINUTES);
        }
    }
}
