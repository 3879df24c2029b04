package dev.firn.registration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.CommitKind;
import dev.firn.registration.hint.Hint;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What hints of other systems do: they make a watched table due, and nothing else.
final class HintedLooksTest {
    private static final Hint BY_NAME = Hint.named("Iceberg.GOLD.customer_aggregates");
    private static final Hint BY_FILE = Hint.Written.at("s3a://lake/t/metadata/3.json");

    private final RegistryFixture registry =
            new RegistryFixture("firn.refresh.poll-interval", "1h", "firn.hints.look-interval", "1s");

    @BeforeEach
    void watchATable() {
        registry.show(100, 100, CommitKind.UNKNOWN);
        registry.register("r1");
        registry.hintAndLook(); // the catalog names another metadata file than the registration
        registry.catalog.looked.clear();
    }

    @AfterEach
    void close() {
        registry.close();
    }

    @Test
    void hintByNameInAnyCaseMakesTheTableDue() {
        registry.show(200, 200, CommitKind.APPEND);
        hear(BY_NAME);

        assertThat(registry.commits()).hasSize(1);
    }

    @Test
    void hintByAFileInTheFolderOfItsMetadataMakesTheTableDue() {
        registry.show(200, 200, CommitKind.APPEND);
        hear(BY_FILE);

        assertThat(registry.commits()).hasSize(1);
    }

    @Test
    void hintsAtOtherTablesMeanNothing() {
        hear(Hint.named("iceberg.gold.other"));
        hear(Hint.Written.at("s3://lake/t2/metadata/2.json"));
        hear(Hint.Written.at("s3://lake/t/metadata/deeper/2.json"));
        hear(Hint.Written.at("no location at all"));
        registry.pass(Duration.ofMinutes(1));

        assertThat(registry.catalog.looked).isEmpty();
        assertThat(registry.looks.waiting()).isZero();
    }

    @Test
    void manyHintsCauseOneLookInAnInterval() {
        hear(BY_NAME);
        for (int i = 0; i < 1_000; i++) {
            hear(BY_NAME);
        }
        // 1,000 ticks of 25 ms and a look a second
        assertThat(registry.catalog.looked).hasSizeBetween(20, 60);
    }

    @Test
    void aHintDuringTheIntervalIsNotForgotten() {
        hear(BY_NAME);
        registry.show(200, 200, CommitKind.APPEND);
        hear(BY_NAME);
        assertThat(registry.commits()).isEmpty();

        look(Duration.ofSeconds(1));
        assertThat(registry.commits()).hasSize(1);
    }

    @Test
    void aLookInBetweenDoesNotTakeAHintsLookAway() {
        hear(BY_NAME);
        hear(BY_NAME); // due in a second
        registry.hintAndLook(); // looks now, which moves the next poll
        registry.show(200, 200, CommitKind.APPEND);
        hear(BY_NAME);

        look(Duration.ofSeconds(1));
        assertThat(registry.commits()).hasSize(1);
    }

    /// A metadata file is written before the catalog names it.
    @Test
    void looksAgainIfAFileWasHeardOfBeforeItsCommit() {
        hear(BY_FILE);
        assertThat(registry.commits()).isEmpty();
        registry.show(200, 200, CommitKind.APPEND);

        look(Duration.ofMillis(250));
        look(Duration.ofSeconds(1));
        assertThat(registry.commits()).hasSize(1);
    }

    @Test
    void looksOnlyAFewTimesForAFileThatNeverBelongsToTheTable() {
        hear(Hint.Written.at("s3://lake/t/metadata/lie.json"));
        for (int i = 0; i < 100; i++) {
            look(Duration.ofSeconds(5));
        }
        assertThat(registry.catalog.looked).hasSize(4);
    }

    /// Each look has its repeats, but none begins before the interval has passed.
    @Test
    void manyFilesThatNeverBelongToTheTableCauseFewLooks() {
        try (RegistryFixture rare =
                new RegistryFixture("firn.refresh.poll-interval", "1h", "firn.hints.look-interval", "10s")) {
            rare.show(100, 100, CommitKind.UNKNOWN);
            rare.register("r1");
            rare.hintAndLook();
            rare.catalog.looked.clear();
            for (int i = 0; i < 200; i++) {
                rare.hints.put(Hint.Written.at("s3://lake/t/metadata/lie-%d.json".formatted(i)));
                rare.pass(Duration.ofMillis(100));
                rare.lookAll();
            }
            // in 20 seconds
            assertThat(rare.catalog.looked).hasSizeBetween(4, 12);
        }
    }

    /// Two commits follow each other so fast that a look between them shows the first one.
    @Test
    void looksAgainIfOnlyAnEarlierCommitIsSeen() {
        registry.show(200, 200, CommitKind.APPEND);
        hear(Hint.Written.at("s3://lake/t/metadata/later.json"));
        assertThat(registry.commits()).hasSize(1);
        registry.show(300, 300, CommitKind.APPEND);

        look(Duration.ofMillis(250));
        assertThat(registry.commits()).hasSize(1);
    }

    @Test
    void doesNotLookForAFileThatIsKnown() {
        hear(Hint.Written.at("s3n://lake/t/metadata/2.json"));
        assertThat(registry.catalog.looked).isEmpty();
    }

    @Test
    void forgetsATableThatNobodyReads() {
        registry.send(Views.drop("r2"));
        registry.tick();
        hear(BY_NAME);
        hear(BY_FILE);
        assertThat(registry.catalog.looked).isEmpty();
    }

    private void hear(Hint hint) {
        registry.hints.put(hint);
        registry.tick();
        registry.lookAll();
    }

    private void look(Duration after) {
        registry.pass(after);
        registry.lookAll();
    }
}
