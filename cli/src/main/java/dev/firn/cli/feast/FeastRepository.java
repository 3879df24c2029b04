package dev.firn.cli.feast;

import dev.firn.events.FeatureView;
import dev.firn.events.ResolvedColumn;
import dev.firn.events.ResolvedSource;
import dev.firn.events.ViewStatus;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// The registered views as definitions of Feast, in Python. The same views give the same text.
///
/// Each source names its view of Firn (`firn_view`), which the plug-in then uses as it is: `feast apply` registers
/// nothing. Feast allows one type for each entity; where views disagree about the type of a key, they get entities of
/// their own with the same join key. What Feast cannot express is noted in comments and in [#notes].
final class FeastRepository {
    /// Tag of the views that the plug-in has registered: their definitions are in a repository already.
    static final String PROJECT_TAG = "feast_project";

    private static final Pattern TABLE = Pattern.compile("[^.\\s\"]+\\.[^.\\s\"]+\\.[^.\\s\"]+");
    /// Feast keeps a TTL as a duration of protobuf.
    private static final long MAX_TTL_MICROS = 315_576_000_000L * 1_000_000;

    private final StringBuilder python = new StringBuilder();
    private final List<String> notes = new ArrayList<>();
    private final Map<String, Map<String, String>> entities = new TreeMap<>();
    private final Set<String> variables = new HashSet<>();
    private final Set<String> names = new HashSet<>();
    private int written;

    private FeastRepository() {}

    /// @param views those that are not dropped are written, in the order of their names
    static FeastRepository of(Collection<FeatureView> views) {
        FeastRepository repository = new FeastRepository();
        List<FeatureView> ordered = views.stream()
                .filter(view -> view.getStatus() != ViewStatus.DROPPED)
                .sorted(Comparator.comparing(FeatureView::getName))
                .filter(repository::isWritten)
                .toList();
        repository.head();
        ordered.forEach(repository::learnEntities);
        repository.entities();
        ordered.forEach(repository::view);
        repository.written = ordered.size();
        return repository;
    }

    String python() {
        return python.toString();
    }

    /// What Feast cannot express, and the views that are left out, each with the reason.
    List<String> notes() {
        return List.copyOf(notes);
    }

    int views() {
        return written;
    }

    private boolean isWritten(FeatureView view) {
        String reason = whyLeftOut(view);
        if (!reason.isEmpty()) {
            notes.add("View '%s' is left out: %s".formatted(PythonText.escaped(view.getName()), reason));
        }
        return reason.isEmpty();
    }

    private String whyLeftOut(FeatureView view) {
        String project = view.getTags().get(PROJECT_TAG);
        if (project != null) {
            return "the Feast project '%s' has registered it and has its definition"
                    .formatted(PythonText.escaped(project));
        }
        if (!TABLE.matcher(table(view)).matches()) {
            return "Feast cannot name its table %s, which has a dot, blank or quote in a name"
                    .formatted(PythonText.escaped(table(view)));
        }
        return names.add(view.getName().toLowerCase(Locale.ROOT))
                ? ""
                : "its name differs from another one only in case, which Feast ignores";
    }

    private static String table(FeatureView view) {
        ResolvedSource source = view.getSource();
        return "%s.%s.%s".formatted(source.getCatalog(), source.getSchema$(), source.getTableName());
    }

    private void head() {
        line("\"\"\"The feature views of Firn, for Feast.\"\"\"");
        line("");
        line("from datetime import timedelta");
        line("");
        line("from feast import Entity, FeatureView, Field, ValueType");
        line("from feast.types import (");
        for (String type : List.of(
                "Array",
                "Bool",
                "Bytes",
                "Decimal",
                "Float32",
                "Float64",
                "Int32",
                "Int64",
                "Map",
                "ScalarMap",
                "String",
                "Struct",
                "UnixTimestamp",
                "Uuid")) {
            line("    %s,", type);
        }
        line(")");
        line("from firn.feast import FirnSource");
    }

    private void learnEntities(FeatureView view) {
        for (ResolvedColumn key : view.getEntities()) {
            Map<String, String> variablesByType = entities.computeIfAbsent(key.getName(), _ -> new TreeMap<>());
            variablesByType.computeIfAbsent(FeastType.ofIceberg(key.getType()).valueType(), _ -> "");
        }
    }

    private void entities() {
        entities.forEach((key, variablesByType) -> variablesByType.replaceAll((type, _) -> {
            String name = variablesByType.size() == 1 ? key : key + "_" + type.toLowerCase(Locale.ROOT);
            String variable = variable("entity_" + name);
            line("");
            if (variablesByType.size() > 1) {
                line("# views disagree about the type of the key %s", PythonText.escaped(key));
            }
            line("%s = Entity(", variable);
            line("    name=%s,", PythonText.literal(name));
            line("    join_keys=[%s],", PythonText.literal(key));
            line("    value_type=ValueType.%s,", type);
            line(")");
            return variable;
        }));
        entities.forEach((key, variablesByType) -> {
            if (variablesByType.size() > 1) {
                notes.add("Views disagree about the type of the key '%s' (%s), so it has as many entities"
                        .formatted(PythonText.escaped(key), String.join(", ", variablesByType.keySet())));
            }
        });
    }

    private void view(FeatureView view) {
        String source = variable("source_" + view.getName());
        source(view, source);
        line("");
        note(view, "", whatFeastCannotSay(view));
        line("%s = FeatureView(", variable("view_" + view.getName()));
        line("    name=%s,", PythonText.literal(view.getName()));
        line(
                "    entities=[%s],",
                String.join(", ", view.getEntities().stream().map(this::entity).toList()));
        if (view.getTtlMicros() > 0 && view.getTtlMicros() <= MAX_TTL_MICROS) {
            line("    ttl=%s,", timedelta(view.getTtlMicros()));
        }
        line("    schema=[");
        view.getEntities().forEach(key -> field(view, key, FeastType.ofIceberg(key.getType())));
        view.getFeatures().forEach(feature -> field(view, feature, FeastType.ofDtype(feature.getDtype())));
        line("    ],");
        line("    source=%s,", source);
        line("    online=False,");
        described(view.getDescription(), view.getTags());
        if (!view.getOwner().isEmpty()) {
            line("    owner=%s,", PythonText.literal(view.getOwner()));
        }
        line(")");
    }

    private void source(FeatureView view, String variable) {
        ResolvedSource source = view.getSource();
        line("");
        line("%s = FirnSource(", variable);
        line("    name=%s,", PythonText.literal(view.getName()));
        line("    table=%s,", PythonText.literal(table(view)));
        line("    timestamp_field=%s,", PythonText.literal(source.getTimestamp().getColumn()));
        if (source.getCreatedTimestamp() != null) {
            line(
                    "    created_timestamp_column=%s,",
                    PythonText.literal(source.getCreatedTimestamp().getColumn()));
        }
        Map<String, String> mapping = new TreeMap<>();
        for (List<ResolvedColumn> columns : List.of(view.getEntities(), view.getFeatures())) {
            columns.stream()
                    .filter(column -> !column.getColumn().equals(column.getName()))
                    .forEach(column -> mapping.put(column.getColumn(), column.getName()));
        }
        if (!mapping.isEmpty()) {
            line("    field_mapping=%s,", PythonText.literal(mapping));
        }
        line("    firn_view=%s,", PythonText.literal(view.getName()));
        line(")");
    }

    private List<String> whatFeastCannotSay(FeatureView view) {
        List<String> lost = new ArrayList<>();
        if (view.getStatus() == ViewStatus.BROKEN) {
            lost.add("Firn cannot read the view now: it is BROKEN");
        }
        if (view.getAvailableAfterMicros() > 0) {
            lost.add("Firn shows each row %s after its event timestamp, which Feast cannot express"
                    .formatted(Duration.of(view.getAvailableAfterMicros(), ChronoUnit.MICROS)));
        }
        if (view.getSource().getRef() != null) {
            lost.add("Firn reads the branch or tag '%s'; feast materialize reads the main branch"
                    .formatted(view.getSource().getRef()));
        }
        if (view.getSource().getTimestampZone() != null) {
            lost.add("its times without a zone are in %s, which Feast cannot express; Firn and firn.feast apply it"
                    .formatted(view.getSource().getTimestampZone()));
        }
        if (view.getTtlMicros() > MAX_TTL_MICROS) {
            lost.add("its TTL of %s is longer than Feast's can be; Firn applies it"
                    .formatted(Duration.of(view.getTtlMicros(), ChronoUnit.MICROS)));
        }
        return lost;
    }

    private String entity(ResolvedColumn key) {
        return String.valueOf(entities.getOrDefault(key.getName(), Map.of())
                .get(FeastType.ofIceberg(key.getType()).valueType()));
    }

    private void field(FeatureView view, ResolvedColumn column, FeastType type) {
        List<String> lost = new ArrayList<>();
        if (!type.note().isEmpty()) {
            lost.add("%s: %s".formatted(column.getName(), type.note()));
        }
        if (column.getColumn().contains(".")) {
            lost.add("%s: feast materialize may not find '%s', a field within a struct"
                    .formatted(column.getName(), column.getColumn()));
        }
        note(view, "        ", lost);
        line("        Field(");
        line("            name=%s,", PythonText.literal(column.getName()));
        line("            dtype=%s,", type.code());
        if (!column.getDescription().isEmpty()) {
            line("            description=%s,", PythonText.literal(column.getDescription()));
        }
        if (!column.getTags().isEmpty()) {
            line("            tags=%s,", PythonText.literal(column.getTags()));
        }
        line("        ),");
    }

    private void described(String description, Map<String, String> tags) {
        if (!description.isEmpty()) {
            line("    description=%s,", PythonText.literal(description));
        }
        if (!tags.isEmpty()) {
            line("    tags=%s,", PythonText.literal(tags));
        }
    }

    /// Into the file and to whoever runs the command.
    private void note(FeatureView view, String indent, List<String> lost) {
        for (String one : lost) {
            line("%s# %s", indent, PythonText.escaped(one));
            notes.add("View '%s': %s".formatted(PythonText.escaped(view.getName()), PythonText.escaped(one)));
        }
    }

    private static String timedelta(long micros) {
        long seconds = micros / 1_000_000;
        long rest = micros % 1_000_000;
        if (rest != 0) {
            return "timedelta(seconds=%d, microseconds=%d)".formatted(seconds, rest);
        }
        long day = Duration.ofDays(1).toSeconds();
        return seconds % day == 0
                ? "timedelta(days=%d)".formatted(seconds / day)
                : "timedelta(seconds=%d)".formatted(seconds);
    }

    /// A variable of that name, or of a similar one if it is taken.
    private String variable(String wanted) {
        String name = wanted.replaceAll("[^A-Za-z0-9_]", "_");
        String free = name;
        for (int i = 2; !variables.add(free); i++) {
            free = name + "_" + i;
        }
        return free;
    }

    @SuppressWarnings("AnnotateFormatMethod") // the annotation would need a library of its own
    private void line(String format, Object... values) {
        python.append(format.formatted(values)).append('\n');
    }
}
