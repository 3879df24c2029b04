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

    private List<Part> killed = List.of();

    /// One stack through its whole life, since each start takes long: its parent is killed, then some of its parts, and
    /// it is stopped in order. It starts again each time, with its data and addresses.
    @Test
    void keepsDataAndAddressesWhateverIsKilledOrStopped() throws Exception {
        StackAddresses addresses = startedByAParentThatIsKilled();
        try (EmbeddedStack stack = EmbeddedStack.start(StackSettings.in(folder))) {
            assertThat(stack.status()).allMatch(PartStatus::healthy);
            requireData(stack, addresses);
            startsKilledPartsAgain(stack);
        }
        assertThat(EmbeddedStack.attach(folder).status()).noneMatch(PartStatus::alive);
        assertThat(EmbeddedStack.attach(folder).parts()).noneMatch(Part::isAlive);
        try (EmbeddedStack stack = EmbeddedStack.start(StackSettings.in(folder))) {
            requireData(stack, addresses);
        }
    }

    private StackAddresses startedByAParentThatIsKilled() throws Exception {
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
        AttachedStack stack = EmbeddedStack.attach(folder);
        assertThat(stack.parts()).hasSize(4).allMatch(Part::isAlive);
        assertThat(trino(stack.addresses()).run("CREATE TABLE iceberg.gold.region AS SELECT * FROM tpch.tiny.region"))
                .isEqualTo(new TrinoStatements.Outcome("", ""));
        parent.destroyForcibly().waitFor();
        killed = stack.parts();
        return stack.addresses();
    }

    private void requireData(EmbeddedStack stack, StackAddresses before) throws Exception {
        assertThat(killed).noneMatch(Part::isAlive);
        assertThat(stack.addresses()).isEqualTo(before);
        assertThat(trino(before).run("SELECT fail('the table is empty') FROM iceberg.gold.region HAVING count(*) <> 5"))
                .isEqualTo(new TrinoStatements.Outcome("", ""));
    }

    /// Twice the part with the most state: its data and its address must be the same.
    private void startsKilledPartsAgain(EmbeddedStack stack) throws Exception {
        BlockingQueue<Part> back = new LinkedBlockingQueue<>();
        stack.listen(new Restarts(back));
        for (String name : List.of("registry", "broker", "broker")) {
            Part killedPart = part(name);
            killedPart.process().orElseThrow().destroyForcibly();

            Part again = back.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
            assertThat(again).isEqualTo(part(name));
            assertThat(again.address()).isEqualTo(killedPart.address());
            assertThat(again.pid()).isNotEqualTo(killedPart.pid());
        }
        assertThat(EmbeddedStack.attach(folder).status()).allMatch(PartStatus::healthy);
        assertThat(stack.lost()).isNotDone();
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
    void refusesAnUnbuiltProject() {
        StackSettings settings = new StackSettings(folder, folder, new Broker.Embedded());
        assertThatThrownBy(() -> EmbeddedStack.start(settings))
                .isInstanceOfSatisfying(
                        StackException.class, e -> assertThat(e.code()).isEqualTo(StackException.Code.NOT_BUILT));
    }

    private static TrinoStatements trino(StackAddresses addresses) {
        return new TrinoStatements("http://127.0.0.1:" + addresses.trinoPort());
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
