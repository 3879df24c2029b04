package dev.firn.registration.meter;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class KafkaMetersTest {
    private static final Path PAGE = Path.of(System.getProperty("firn.home", ".."), "docs", "operations.md");

    @Test
    void hideWhatThereIsForEveryTaskAndStore() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        registry.config().meterFilter(KafkaMeters.useful());
        registry.counter("kafka.stream.task.process.total").increment();
        registry.counter("kafka.stream.thread.process.total").increment();
        registry.counter("firn.registration.answers").increment();

        assertThat(registry.getMeters())
                .extracting(meter -> meter.getId().getName())
                .containsExactlyInAnyOrder("kafka.stream.thread.process.total", "firn.registration.answers");
    }

    /// Prometheus adds `_total` to the name of a counter that has none.
    @Test
    void thatAreShownAreDocumented() throws IOException {
        String page = Files.readString(PAGE);
        String section = page.substring(page.indexOf("### Kafka's own metrics"), page.indexOf("## Lag in time"));
        Set<String> documented = Pattern.compile("`(kafka_[a-z_]+)`")
                .matcher(section)
                .results()
                .map(match -> match.group(1).replaceAll("_total$", ""))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(documented)
                .containsExactlyElementsOf(KafkaMeters.USEFUL.stream()
                        .map(name -> name.replace('.', '_').replaceAll("_total$", ""))
                        .sorted()
                        .toList());
    }
}
