package dev.firn.retrieval.job;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/// Time spent per stage. For one thread.
final class StageTimes {
    private final Map<Stage, Long> nanos = new EnumMap<>(Stage.class);

    <T> T time(Stage stage, Supplier<T> work) {
        long start = System.nanoTime();
        try {
            return work.get();
        } finally {
            nanos.merge(stage, System.nanoTime() - start, Long::sum);
        }
    }

    Map<String, Long> millis() {
        Map<String, Long> millis = new LinkedHashMap<>();
        nanos.forEach((stage, spent) -> millis.put(stage.text(), spent / 1_000_000));
        return millis;
    }
}
