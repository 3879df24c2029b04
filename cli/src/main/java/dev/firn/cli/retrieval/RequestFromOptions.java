package dev.firn.cli.retrieval;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import dev.firn.cli.command.CommandFailure;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import dev.firn.events.ViewUse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Builds the request from the command line. Rejects only contradictory options; the worker checks the rest.
final class RequestFromOptions {
    /// Spreadsheets write it before UTF-8 text.
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private final Function<String, String> texts;
    private final Function<Path, String> uploads;

    /// @param texts reads a file, or standard input for `-`
    /// @param uploads uploads a local file for the workers and returns its location
    RequestFromOptions(Function<String, String> texts, Function<Path, String> uploads) {
        this.texts = texts;
        this.uploads = uploads;
    }

    /// @param manifestOf the location of an earlier request's manifest
    /// @throws CommandFailure if the options contradict each other
    RetrievalRequest request(String requestId, RetrieveOptions options, Function<String, String> manifestOf) {
        RetrieveOptions.ReadOptions read = options.read;
        if (read.features.isEmpty()) {
            throw CommandFailure.usage("Name the features: --features view:feature,view:*");
        }
        return RetrievalRequest.newBuilder()
                .setRequestId(requestId)
                .setSpine(spine(options.spine, options.details))
                .setFeatures(read.features)
                .setViews(viewUses(read))
                .setAsOf(read.asOf)
                .setFilterByCreated(read.filterByCreated)
                .setFullFeatureNames(read.fullFeatureNames)
                .setIncludeEventTimestamps(read.eventTimestamps)
                .setPinsLocation(pins(read.pins, manifestOf))
                .setRetain(read.retain)
                .build();
    }

    private static @Nullable String pins(@Nullable String pins, Function<String, String> manifestOf) {
        if (pins == null) {
            return null;
        }
        return pins.contains("://") ? pins : manifestOf.apply(pins);
    }

    private Spine spine(RetrieveOptions.SpineChoice choice, RetrieveOptions.SpineDetails details) {
        Spine.Builder spine = Spine.newBuilder()
                .setColumns(details.columns)
                .setTimestampColumn(details.timestampColumn)
                .setTimestampZone(details.timestampZone)
                .setColumnTypes(details.columnTypes);
        if (choice.table != null) {
            return spine.setKind(SpineKind.TABLE)
                    .setTable(choice.table)
                    .setSnapshotId(details.snapshot)
                    .setRef(details.ref)
                    .build();
        }
        if (details.snapshot != null || details.ref != null) {
            throw CommandFailure.usage("--spine-snapshot and --spine-ref require --spine-table");
        }
        if (choice.all) {
            return spine.setKind(SpineKind.ALL).build();
        }
        if (choice.rows != null) {
            return inlineRows(spine, SpineKind.ROWS, choice.rows, details);
        }
        if (!choice.ids.isEmpty()) {
            return ids(spine, choice.ids, details);
        }
        return spine.setKind(kind(choice.locations, details.kind))
                .setLocations(choice.locations.stream().map(this::located).toList())
                .build();
    }

    private String located(String location) {
        return location.contains("://") ? location : uploads.apply(Path.of(location));
    }

    private static SpineKind kind(List<String> locations, @Nullable String named) {
        if (named != null) {
            return switch (named.toLowerCase(Locale.ROOT)) {
                case "parquet" -> SpineKind.PARQUET;
                case "csv" -> SpineKind.CSV;
                default -> throw CommandFailure.usage("--spine-kind must be parquet or csv, not '%s'".formatted(named));
            };
        }
        boolean csv = locations.stream()
                .allMatch(location -> location.toLowerCase(Locale.ROOT).endsWith(".csv"));
        boolean anyCsv = locations.stream()
                .anyMatch(location -> location.toLowerCase(Locale.ROOT).endsWith(".csv"));
        if (csv != anyCsv) {
            throw CommandFailure.usage("The files of a spine must be all Parquet or all CSV; --spine names both");
        }
        return csv ? SpineKind.CSV : SpineKind.PARQUET;
    }

    private Spine inlineRows(Spine.Builder spine, SpineKind kind, String file, RetrieveOptions.SpineDetails details) {
        rejectColumns(details);
        List<CsvRecord> records = csv(file);
        if (records.isEmpty()) {
            throw CommandFailure.usage("%s is empty. Its first line must name the columns".formatted(file));
        }
        List<String> header = records.getFirst().getFields();
        if (header.size() == 1 && header.getFirst().matches(".*[;\t].*")) {
            throw CommandFailure.usage("%s: columns must be separated by commas, but the first line is '%s'"
                    .formatted(file, header.getFirst()));
        }
        List<List<String>> rows = new ArrayList<>(records.size() - 1);
        for (CsvRecord record : records.subList(1, records.size())) {
            rows.add(emptyIsNull(record.getFields()));
        }
        return spine.setKind(kind).setColumns(header).setRows(rows).build();
    }

    private List<CsvRecord> csv(String file) {
        String text = texts.apply(file);
        String withoutMark = text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
        try (CsvReader<CsvRecord> csv = CsvReader.builder().ofCsvRecord(withoutMark)) {
            return csv.stream().toList();
        } catch (CsvParseException e) {
            Throwable reason = e.getCause() == null ? e : e.getCause();
            throw CommandFailure.usage("%s: %s (%s)".formatted(file, e.getMessage(), reason.getMessage()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Spine ids(Spine.Builder spine, List<String> ids, RetrieveOptions.SpineDetails details) {
        rejectColumns(details);
        Map<String, List<String>> columns = new LinkedHashMap<>();
        for (String id : ids) {
            int equals = id.indexOf('=');
            if (equals < 1) {
                throw CommandFailure.usage("--ids must be KEY=VALUE,VALUE,…, not '%s'".formatted(id));
            }
            columns.computeIfAbsent(id.substring(0, equals), _ -> new ArrayList<>())
                    .addAll(List.of(id.substring(equals + 1).split(",", -1)));
        }
        int size = columns.values().iterator().next().size();
        List<List<String>> rows = new ArrayList<>(size);
        columns.forEach((column, values) -> {
            if (values.size() != size) {
                throw CommandFailure.usage("--ids: all keys need the same number of values, but %s has %d and %s has %d"
                        .formatted(columns.keySet().iterator().next(), size, column, values.size()));
            }
        });
        for (int i = 0; i < size; i++) {
            List<String> row = new ArrayList<>(columns.size());
            for (List<String> values : columns.values()) {
                row.add(values.get(i));
            }
            rows.add(emptyIsNull(row));
        }
        return spine.setKind(SpineKind.IDS)
                .setColumns(List.copyOf(columns.keySet()))
                .setRows(rows)
                .build();
    }

    private static void rejectColumns(RetrieveOptions.SpineDetails details) {
        if (!details.columns.isEmpty()) {
            throw CommandFailure.usage(
                    "--columns is for spines in files and tables; inline rows name their own columns");
        }
    }

    @SuppressWarnings("NullAway") // an Avro list of nullable strings
    private static List<String> emptyIsNull(List<String> values) {
        List<String> cells = new ArrayList<>(values);
        cells.replaceAll(value -> value.isEmpty() ? null : value);
        return Collections.unmodifiableList(cells);
    }

    private static List<ViewUse> viewUses(RetrieveOptions.ReadOptions read) {
        Map<String, Map<String, String>> joinKeys = new LinkedHashMap<>();
        read.joinKeys.forEach((viewAndEntity, column) -> {
            int dot = viewAndEntity.indexOf('.');
            if (dot < 1) {
                throw CommandFailure.usage(
                        "--join-key must be VIEW.ENTITY=COLUMN, not '%s=%s'".formatted(viewAndEntity, column));
            }
            joinKeys.computeIfAbsent(viewAndEntity.substring(0, dot), view -> new LinkedHashMap<>())
                    .put(viewAndEntity.substring(dot + 1), column);
        });
        TreeSet<String> named = new TreeSet<>(read.aliases.keySet());
        named.addAll(joinKeys.keySet());
        named.addAll(read.refs.keySet());
        named.addAll(read.snapshots.keySet());
        named.addAll(read.snapshotTimes.keySet());
        return named.stream()
                .map(name -> ViewUse.newBuilder()
                        .setView(read.aliases.getOrDefault(name, name))
                        .setAlias(read.aliases.containsKey(name) ? name : null)
                        .setJoinKeys(joinKeys.getOrDefault(name, Map.of()))
                        .setRef(read.refs.get(name))
                        .setSnapshotId(read.snapshots.get(name))
                        .setSnapshotAsOf(read.snapshotTimes.get(name))
                        .build())
                .toList();
    }
}
