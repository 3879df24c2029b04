package dev.firn.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StackTopicsTest {
    private static final String EVENTS = "firn.kafka.partitions";
    private static final String RETRIEVALS = "firn.kafka.retrieval-partitions";

    private final Path settings;

    StackTopicsTest(@TempDir Path folder) {
        settings = StackProperties.file(folder, "firn");
    }

    @Test
    void aNewNamespaceHasAFewPartitions() {
        assertThat(StackTopics.partitions(settings)).isEqualTo(Map.of(EVENTS, "2", RETRIEVALS, "4"));
    }

    @Test
    void aNamespaceKeepsThePartitionsThatItBeganWith() {
        StackProperties.write(Map.of(EVENTS, "3", RETRIEVALS, "12", "firn.trino.port", "8080"), settings);
        assertThat(StackTopics.partitions(settings)).isEqualTo(Map.of(EVENTS, "3", RETRIEVALS, "12"));
    }

    @Test
    void aNamespaceOfAnEarlierVersionKeepsFirnsDefaults() {
        StackProperties.write(Map.of("firn.trino.port", "8080"), settings);
        assertThat(StackTopics.partitions(settings)).isEmpty();
    }
}
