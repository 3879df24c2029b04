package dev.firn.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Data survives a restart; no child survives a killed parent.
final class StackLifeIT {
    private static final int LIMIT_SECONDS = 60;

    @TempDir
    private Path folder = Path.of("target");

    @Test
    void keepsDataAndAddressesOverARestart() throws Exception {
        StackAddresses before;
        try (EmbeddedStack stack = EmbeddedStack.start(StackSettings.in(folder))) {
            before = stack.addresses();
            assertThat(trino(stack).run("CREATE TABLE iceberg.gold.region AS SELECT * FROM tpch.tiny.region"))
                    .isEqualTo(new TrinoStatements.Outcome("", ""));
        }
        assertThat(EmbeddedStack.attach(folder).status()).noneMatch(PartStatus::alive);
        try (EmbeddedStack stack = EmbeddedStack.start(StackSettings.in(folder))) {
            assertThat(stack.addresses()).isEqualTo(before);
            assertThat(trino(stack)
                            .run("SELECT fail('the table is empty') FROM iceberg.gold.region HAVING count(*) <> 5"))
                    .isEqualTo(new TrinoStatements.Outcome("", ""));
        }
    }

    /// Twice, and the part with the most state: its data and its address must be the same.
    @Test
    void startsAKilledPartAgain() throws Exception {
        EmbeddedStack stack = EmbeddedStack.start(StackSettings.in(folder));
        BlockingQueue<Part> back = new LinkedBlockingQueue<>();
        try (stack) {
            stack.listen(new Restarts(back));
            for (String name : List.of("registry", "broker", "broker")) {
                Part killed = part(name);
                killed.process().orElseThrow().destroyForcibly();

                Part again = back.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
                assertThat(again).isEqualTo(part(name));
                assertThat(again.address()).isEqualTo(killed.address());
                assertThat(again.pid()).isNotEqualTo(killed.pid());
            }
            assertThat(EmbeddedStack.attach(folder).status()).allMatch(PartStatus::healthy);
            assertThat(stack.lost()).isNotDone();
        }
        assertThat(EmbeddedStack.attach(folder).parts()).noneMatch(Part::isAlive);
    }

    private Part part(String name) {
        return EmbeddedStack.attach(folder).parts().stream()
                .filter(part -> part.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private record Restarts(BlockingQueue<Part> back) implements StackListener {
        @Override
        public void exited(Part part, int exitCode, Duration pause) {}

        @Override
        public void isBack(Part part) {
            back.add(part);
        }
    }

    @Test
    void startsAgainAfterItsParentWasKilled() throws Exception {
        Process parent = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-D" + StackSettings.HOME_PROPERTY + "=" + System.getProperty(StackSettings.HOME_PROPERTY),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Parent.class.getName(),
                        folder.toString())
                .redirectErrorStream(true)
                .start();
        try (BufferedReader output = parent.inputReader()) {
            assertThat(output.lines().anyMatch("up"::equals)).isTrue();
        }
        List<Part> parts = EmbeddedStack.attach(folder).parts();
        assertThat(parts).hasSize(4).allMatch(Part::isAlive);
        parent.destroyForcibly().waitFor();
        try (EmbeddedStack stack = EmbeddedStack.start(StackSettings.in(folder))) {
            assertThat(parts).noneMatch(Part::isAlive);
            assertThat(stack.status()).allMatch(PartStatus::healthy);
        }
    }

    @Test
    void refusesAnUnbuiltProject() {
        StackSettings settings = new StackSettings(folder, folder, new Broker.Embedded());
        assertThatThrownBy(() -> EmbeddedStack.start(settings))
                .isInstanceOfSatisfying(
                        StackException.class, e -> assertThat(e.code()).isEqualTo(StackException.Code.NOT_BUILT));
    }

    private static TrinoStatements trino(EmbeddedStack stack) {
        return new TrinoStatements("http://127.0.0.1:" + stack.addresses().trinoPort());
    }

    /// Starts a stack in a JVM that the test kills.
    public static final class Parent {
        private Parent() {}

        public static void main(String[] arguments) throws InterruptedException {
            EmbeddedStack.start(StackSettings.in(Path.of(arguments[0])));
            System.out.println("up");
            System.out.close();
            new CountDownLatch(1).await(10, TimeUnit.MINUTES);
        }
    }
}
