package dev.firn.cli.retrieval;

import dev.firn.cli.command.CommandFailure;
import dev.firn.cli.render.Console;
import dev.firn.events.FeatureView;
import dev.firn.events.ResolvedColumn;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// The types of a CSV's columns that are not keys: those of `--column-type`, and with `--infer` those that all of a
/// column's values have. Without it, says which columns come out as strings although they look like something else.
final class ColumnTypes {
    /// Enough for advice. With `--infer`, every row counts.
    private static final int ADVICE_ROWS = 1_000;

    private static final String DEFAULT_TIMESTAMP_COLUMN = "event_timestamp";

    private final RetrieveOptions options;
    private final Supplier<Map<String, FeatureView>> views;
    private final Console console;

    /// @param views the registered views, by name
    ColumnTypes(RetrieveOptions options, Supplier<Map<String, FeatureView>> views, Console console) {
        this.options = options;
        this.views = views;
        this.console = console;
    }

    /// @throws CommandFailure if `--infer` is given for a spine that is not text on this machine
    void requireNoInference() {
        if (options.details.infer) {
            throw CommandFailure.usage("--infer needs a CSV file on this machine: --rows FILE or --spine FILE.csv."
                    + " For others give each type: --column-type COLUMN=DTYPE");
        }
    }

    /// @param files at least one
    Map<String, String> of(List<CsvText> files) {
        Map<String, String> types = new LinkedHashMap<>(options.details.columnTypes);
        Map<String, String> guessed = guessed(files);
        guessed.keySet().removeAll(types.keySet());
        guessed.keySet().remove(timestampColumn());
        if (!options.details.columns.isEmpty()) {
            guessed.keySet().retainAll(options.details.columns);
        }
        if (!guessed.isEmpty()) {
            guessed.keySet().removeAll(keys());
        }
        if (guessed.isEmpty()) {
            return types;
        }
        String listed = guessed.entrySet().stream()
                .map(type -> "--column-type %s=%s".formatted(type.getKey(), type.getValue()))
                .collect(Collectors.joining(" "));
        if (options.details.infer) {
            console.note("Inferred: " + listed);
            types.putAll(guessed);
        } else {
            console.note("%s: %s come%s out as string%s. To change that: %s; or --infer"
                    .formatted(
                            files.getFirst().name(),
                            String.join(", ", guessed.keySet()),
                            guessed.size() == 1 ? "s" : "",
                            guessed.size() == 1 ? "" : "s",
                            listed));
        }
        return types;
    }

    private Map<String, String> guessed(List<CsvText> files) {
        ColumnGuess guess = new ColumnGuess(files.getFirst().header());
        int limit = options.details.infer ? Integer.MAX_VALUE : ADVICE_ROWS;
        for (CsvText file : files) {
            int[] left = {limit};
            file.forEachRow(row -> {
                guess.add(row);
                return --left[0] > 0;
            });
        }
        return guess.dtypes();
    }

    private String timestampColumn() {
        return options.details.timestampColumn.isEmpty() ? DEFAULT_TIMESTAMP_COLUMN : options.details.timestampColumn;
    }

    /// The spine's columns that are keys of the views that the features name. An unknown view has none: the worker
    /// refuses it.
    private Set<String> keys() {
        Map<String, FeatureView> registered = views.get();
        Set<String> keys = new HashSet<>();
        for (String name : names()) {
            FeatureView view = registered.get(options.read.aliases.getOrDefault(name, name));
            List<ResolvedColumn> entities = view == null ? List.of() : view.getEntities();
            for (ResolvedColumn entity : entities) {
                keys.add(options.read.joinKeys.getOrDefault(name + "." + entity.getName(), entity.getName()));
            }
        }
        return keys;
    }

    /// Views and aliases, as the features name them.
    private List<String> names() {
        List<String> names = new ArrayList<>();
        options.read.features.forEach(feature -> names.add(feature.replaceFirst(":.*", "")));
        return names;
    }
}
