package dev.firn.retrieval.job;

import static dev.firn.retrieval.job.Given.ids;
import static dev.firn.retrieval.job.Given.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.FeatureView;
import dev.firn.events.Pins;
import dev.firn.events.ResolvedColumn;
import dev.firn.events.ResolvedSource;
import dev.firn.events.ViewPin;
import dev.firn.events.Violation;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whatever stands in pins, a request is answered or refused, and never fails as if Firn were at fault.
final class HandMadePinsTest {
    private static final List<Long> LONGS = List.of(Long.MIN_VALUE, Long.MIN_VALUE + 1, -1L, 0L, 1L, Long.MAX_VALUE);
    private static final List<Integer> INTS = List.of(Integer.MIN_VALUE, -1, 0, 1, 2, 3, 99, Integer.MAX_VALUE);
    private static final List<String> TEXTS = List.of(
            "",
            "x",
            "nonsense",
            "string",
            "long",
            "float",
            "list<int>",
            "decimal(99, 99)",
            "Mars/Base",
            "UTC",
            "a.b",
            "..");

    private LakeFixture lake;
    private Pins real;

    @BeforeEach
    void create(@TempDir Path folder) {
        lake = new LakeFixture(folder);
        var facts = lake.table("facts", LakeFixture.FACTS);
        lake.append(facts, "1 | 2024-01-01 | 10");
        lake.register(lake.view(facts, List.of("id"), List.of("value")));
        real = lake.retrieve(request(ids("id", "1"), "facts:value")).completed().pins();
    }

    @AfterEach
    void close() {
        lake.close();
    }

    private List<String> codesOf(Consumer<FeatureView> definition) {
        return codes(pins -> definition.accept(pins.getViews().getFirst().getDefinition()));
    }

    private List<String> codes(Consumer<Pins> change) {
        Pins pins = Pins.newBuilder(real).build();
        change.accept(pins);
        var asked = request(ids("id", "1"), "facts:value").setPins(pins);
        try {
            lake.retrieve(asked);
            return List.of();
        } catch (RetrievalRejected refused) {
            return refused.violations().stream().map(Violation::getCode).toList();
        }
    }

    @Test
    void aDefinitionThatCannotBeOneIsRefused() {
        List<Consumer<FeatureView>> odd = List.of(
                view -> view.put("ttl_micros", -1L),
                view -> view.put("ttl_micros", Long.MIN_VALUE),
                view -> view.put("available_after_micros", Long.MIN_VALUE),
                view -> view.getEntities().getFirst().put("type", "nonsense"),
                view -> view.getEntities().getFirst().put("type", "float"),
                view -> view.getFeatures().getFirst().put("dtype", "nonsense"),
                view -> view.getSource().getTimestamp().put("type", "string"),
                view -> view.getSource().put("timestamp_zone", "Mars/Base"),
                view -> view.getSource().put("table_name", ""));
        odd.forEach(change -> assertThat(codesOf(change)).containsExactly("PINS_INVALID"));
    }

    @Test
    void extremesAreAnsweredOrRefused() {
        long seed = Long.getLong("firn.seed", System.nanoTime());
        System.out.println("HandMadePinsTest: -Dfirn.seed=" + seed);
        Random random = new Random(seed);
        for (int round = 0; round < 150; round++) {
            List<Consumer<Pins>> changes = new ArrayList<>();
            for (int i = random.nextInt(1, 3); i > 0; i--) {
                changes.add(change(random));
            }
            assertThat(codes(pins -> changes.forEach(change -> change.accept(pins))))
                    .doesNotContain("ATTEMPTS_EXHAUSTED");
        }
    }

    private static <T> T one(Random random, List<T> values) {
        return values.get(random.nextInt(values.size()));
    }

    private static Consumer<Pins> change(Random random) {
        long number = one(random, LONGS);
        int small = one(random, INTS);
        String text = one(random, TEXTS);
        return pins -> {
            ViewPin pin = pins.getViews().getFirst();
            FeatureView view = pin.getDefinition();
            ResolvedSource source = view.getSource();
            ResolvedColumn column = one(
                    random,
                    List.of(view.getEntities().getFirst(), view.getFeatures().getFirst(), source.getTimestamp()));
            switch (random.nextInt(14)) {
                case 0 -> pins.put("as_of", Instant.ofEpochSecond(number / 1_000_000, 0));
                case 1 -> pin.put("snapshot_id", number);
                case 2 -> pin.put("snapshot_id", null);
                case 3 -> pin.put("schema_id", small);
                case 4 -> pin.put("metadata_location", text);
                case 5 -> pin.put("table_uuid", text);
                case 6 -> view.put("ttl_micros", number);
                case 7 -> view.put("available_after_micros", number);
                case 8 -> column.put("field_id", small);
                case 9 -> column.put("type", text);
                case 10 -> column.put("dtype", text);
                case 11 -> column.put("column", text);
                case 12 -> source.put("timestamp_zone", text);
                default -> source.put("table_uuid", text);
            }
        };
    }
}
