package dev.firn.engine;

import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// A join written as text: `key | time | created | value` for feature rows, `key | time` for the spine. Commas separate
/// the columns of a key, `-` is null, and a time is a date or a date and time in UTC. Runs the join and shows the
/// winners by their values.
final class JoinTable {
    static final String NONE = "null";

    private List<KeyOrder> keys = List.of(KeyOrder.LONG);
    private TimeScale spineScale = TimeScale.MICROS;
    private TimeScale featureScale = TimeScale.MICROS;
    private boolean filtersCreated;
    private long ttlMicros;
    private long availableAfterMicros;
    private final String features;
    private final String spine;

    private JoinTable(String features, String spine) {
        this.features = features;
        this.spine = spine;
    }

    static JoinTable of(String features, String spine) {
        return new JoinTable(features, spine);
    }

    JoinTable keys(KeyOrder... kinds) {
        keys = List.of(kinds);
        return this;
    }

    JoinTable scales(TimeScale ofSpine, TimeScale ofFeatures) {
        spineScale = ofSpine;
        featureScale = ofFeatures;
        return this;
    }

    JoinTable filtersCreated() {
        filtersCreated = true;
        return this;
    }

    JoinTable ttlMicros(long micros) {
        ttlMicros = micros;
        return this;
    }

    JoinTable ttlDays(long days) {
        return ttlMicros(days * TimeScale.MICROS.unitsPerDay());
    }

    JoinTable availableAfterDays(long days) {
        availableAfterMicros = days * TimeScale.MICROS.unitsPerDay();
        return this;
    }

    Scenario scenario() {
        List<String[]> lines = lines(features);
        return new Scenario(
                keys,
                spineScale,
                featureScale,
                TimeScale.MICROS,
                filtersCreated,
                ttlMicros,
                availableAfterMicros,
                lines(spine).stream()
                        .map(cells -> new Scenario.SpineRow(key(cells[0]), time(cells[1], spineScale)))
                        .toList(),
                IntStream.range(0, lines.size())
                        .mapToObj(i -> feature(lines.get(i), i))
                        .toList());
    }

    Winners winners() {
        return scenario().join();
    }

    /// The winning row's value for each spine row.
    List<String> values() {
        List<String[]> lines = lines(features);
        Winners winners = winners();
        return IntStream.range(0, winners.size())
                .mapToLong(winners::address)
                .mapToObj(
                        address -> address == RowAddress.NONE ? NONE : lines.get((int) RowAddress.position(address))[3])
                .toList();
    }

    private Scenario.FeatureRow feature(String[] cells, int position) {
        return new Scenario.FeatureRow(
                key(cells[0]),
                time(cells[1], featureScale),
                time(cells[2], TimeScale.MICROS),
                RowAddress.of(0, position));
    }

    private static List<String[]> lines(String text) {
        return text.lines()
                .filter(line -> !line.isBlank())
                .map(line -> Arrays.stream(line.split("\\|")).map(String::strip).toArray(String[]::new))
                .toList();
    }

    private List<@Nullable Object> key(String text) {
        String[] cells = text.split(",", -1);
        List<@Nullable Object> key = new ArrayList<>();
        for (int i = 0; i < cells.length; i++) {
            String cell = cells[i].strip();
            key.add(cell.equals("-") ? null : keys.get(i) == KeyOrder.LONG ? (Object) Long.valueOf(cell) : cell);
        }
        return key;
    }

    private static @Nullable Long time(String text, TimeScale scale) {
        if (text.equals("-")) {
            return null;
        }
        LocalDateTime time = text.contains("T")
                ? LocalDateTime.parse(text)
                : LocalDate.parse(text).atStartOfDay();
        long micros = ChronoUnit.MICROS.between(LocalDateTime.of(1970, 1, 1, 0, 0), time);
        return switch (scale) {
            case DAYS -> time.toLocalDate().toEpochDay();
            case MICROS -> micros;
            case NANOS -> micros * 1_000 + time.get(ChronoField.NANO_OF_SECOND) % 1_000;
        };
    }
}
