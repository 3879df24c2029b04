package dev.firn.testkit;

import dev.firn.embedded.AttachedStack;
import dev.firn.embedded.Broker;
import dev.firn.embedded.EmbeddedStack;
import dev.firn.embedded.StackAddresses;
import dev.firn.embedded.StackSettings;
import dev.firn.embedded.StackUser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The real services for integration tests: broker, registry, S3 and Trino, one stack per JVM.
///
/// With `-Dfirn.stack=<folder>`, tests use the stack that runs in that folder. Otherwise the first call starts one in a
/// temporary folder, and stops and deletes it when the JVM exits. Tests stay independent by using their own
/// [#namespace()] and their own schemas, not by the order they run in.
///
/// The broker is secured: a test connects as one of its users ([#kafka]) and may do what ACLs allow. With
/// `-Dfirn.broker=open` it allows everything; with `-Dfirn.broker=testcontainers` it does too, and runs in Kafka's
/// container image. Without a Docker engine, such tests are skipped.
public final class TestStack {
    /// The system property that names the folder of a running stack.
    public static final String FOLDER_PROPERTY = "firn.stack";

    private static final int SUFFIX_BYTES = 4;
    private static final SecureRandom RANDOM = new SecureRandom();

    private static @Nullable TestStack shared;

    private final StackAddresses addresses;
    private final Path folder;

    private TestStack(StackAddresses addresses, Path folder) {
        this.addresses = addresses;
        this.folder = folder;
    }

    /// The stack of this JVM. The first call may take half a minute. Aborts the test, so that it counts as skipped, if
    /// the chosen broker cannot run.
    public static synchronized TestStack shared() {
        if (shared == null) {
            shared = open();
        }
        return shared;
    }

    /// A unique name that is valid for topics, groups, paths and SQL schemas: `t` and hex digits.
    public static String namespace() {
        byte[] suffix = new byte[SUFFIX_BYTES];
        RANDOM.nextBytes(suffix);
        return "t" + HexFormat.of().formatHex(suffix);
    }

    public StackAddresses addresses() {
        return addresses;
    }

    /// The properties with which a Kafka client connects as `user`. A new map that the caller may change.
    public Map<String, Object> kafka(StackUser user) {
        return addresses.kafkaProperties(user);
    }

    /// Whether the broker has users and an authorizer. A stack that somebody started in the open has none.
    public boolean isSecured() {
        return addresses.kafkaAccess().isSecured();
    }

    public Path folder() {
        return folder;
    }

    public Trino trino() {
        return new Trino(addresses);
    }

    private static TestStack open() {
        @Nullable String running = System.getProperty(FOLDER_PROPERTY);
        if (running != null) {
            AttachedStack attached = EmbeddedStack.attach(Path.of(running));
            if (!attached.isHealthy()) {
                throw new IllegalStateException(
                        "[%s=%s] the stack is not healthy: %s".formatted(FOLDER_PROPERTY, running, attached.status()));
            }
            return new TestStack(attached.addresses(), attached.folder());
        }
        return startOwn();
    }

    private static TestStack startOwn() {
        try {
            Broker broker = TestBroker.chosen();
            Path folder = Files.createTempDirectory("firn-test-stack-");
            EmbeddedStack stack = EmbeddedStack.start(StackSettings.in(folder).with(broker));
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                stack.close();
                delete(folder);
            }));
            return new TestStack(stack.addresses(), folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path folder) {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException | UncheckedIOException e) {
            System.err.println("[%s] cannot delete: %s".formatted(folder, e));
        }
    }
}
