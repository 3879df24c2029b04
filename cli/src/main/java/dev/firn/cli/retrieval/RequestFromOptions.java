package dev.firn.cli.retrieval;

import dev.firn.cli.command.CommandContext;
import dev.firn.cli.command.CommandFailure;
import dev.firn.cli.render.Console;
import dev.firn.cli.render.Plural;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import dev.firn.events.ViewUse;
import dev.firn.schemas.Limits;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Builds the request from the command line. Rejects only contradictory options; the worker checks the rest.
final class RequestFromOptions {
    private static final String STANDARD_INPUT = "-";

    private final Function<String, String> texts;
    private final Function<Path, String> uploads;
    private final ColumnTypes types;
    private final Console console;

    /// @param texts reads a file, or standard input for `-`
    /// @param uploads uploads a local file for the workers and returns its location
    /// @param console for notes on what happens to the spine
    RequestFromOptions(
            Function<String, String> texts, Function<Path, String> uploads, ColumnTypes types, Console console) {
        this.texts = texts;
        this.uploads = uploads;
        this.types = types;
        this.console = console;
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
                .setPinsLocation(read.pins == null ? null : manifest(read.pins, manifestOf))
                .setRetain(read.retain)
                .setTarget(read.target)
                .build();
    }

    /// The manifest's location.
    ///
    /// @param pins `--pins`: a location or a request id
    static String manifest(String pins, Function<String, String> manifestOf) {
        return isRemote(pins) ? pins : manifestOf.apply(pins);
    }

    private Spine spine(RetrieveOptions.SpineChoice choice, RetrieveOptions.SpineDetails details) {
        Spine.Builder spine = Spine.newBuilder()
                .setColumns(details.columns)
                .setTimestampColumn(details.timestampColumn)
                .setTimestampZone(details.timestampZone)
                .setColumnTypes(details.columnTypes);
        if (choice.table != null) {
            types.requireNoInference();
            return spine.setKind(SpineKind.TABLE)
                    .setTable(choice.table)
                    .setSnapshotId(details.snapshot)
                    .setRef(details.ref)
                    .build();
        }
        if (details.snapshot != null || details.ref != null) {
            throw CommandFailure.usage("--spine-snapshot and --spine-ref require --spine-table");
        }
        if (choice.rows != null) {
            return rows(spine, choice.rows, details);
        }
        if (!choice.locations.isEmpty()) {
            return files(spine, choice.locations, details);
        }
        types.requireNoInference();
        if (choice.range != null) {
            return spine.setKind(SpineKind.RANGE)
                    .setStart(choice.range.start())
                    .setEnd(choice.range.end())
                    .build();
        }
        return choice.all ? spine.setKind(SpineKind.ALL).build() : ids(spine, choice.ids, details);
    }

    private Spine files(Spine.Builder spine, List<String> locations, RetrieveOptions.SpineDetails details) {
        SpineKind kind = kind(locations, details.kind);
        List<CsvText> local = kind != SpineKind.CSV
                ? List.of()
                : locations.stream()
                        .filter(location -> !isRemote(location))
                        .map(location -> CsvText.of(Path.of(location)))
                        .toList();
        if (local.isEmpty()) {
            types.requireNoInference();
        } else {
            spine.setColumnTypes(types.of(local));
        }
        return spine.setKind(kind)
                .setLocations(locations.stream().map(this::located).toList())
                .build();
    }

    private String located(String location) {
        return isRemote(location) ? location : uploads.apply(Path.of(location));
    }

    private static boolean isRemote(String location) {
        return location.contains("://");
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

    /// Rows in the event; or, if there are too many for one, the file as `--spine` sends it.
    private Spine rows(Spine.Builder spine, String file, RetrieveOptions.SpineDetails details) {
        if (!details.columns.isEmpty()) {
            throw CommandFailure.usage(
                    "--columns is for spines in files and tables; inline rows name their own columns");
        }
        if (isLargerThanText(file)) {
            return uploaded(spine, file, "The file");
        }
        CsvText csv = CsvText.of(file, texts.apply(file));
        List<String> header = csv.header();
        List<List<String>> rows = new ArrayList<>();
        csv.forEachRow(rows::add);
        long bytes = bytes(header)
                + rows.stream().mapToLong(RequestFromOptions::bytes).sum();
        if (rows.size() > Limits.INLINE_SPINE_ROWS || bytes > Limits.INLINE_SPINE_BYTES) {
            return uploaded(spine, file, Plural.of(rows.size(), "row") + " with " + Plural.of(bytes, "byte"));
        }
        return spine.setKind(SpineKind.ROWS)
                .setColumns(header)
                .setRows(rows)
                .setColumnTypes(types.of(List.of(csv)))
                .build();
    }

    private Spine uploaded(Spine.Builder spine, String file, String what) {
        String tooMuch = "%s: %s exceed%s what an event may have (%,d rows, %,d bytes)"
                .formatted(
                        file.equals(STANDARD_INPUT) ? "Standard input" : file,
                        what,
                        what.endsWith("bytes") ? "" : "s",
                        Limits.INLINE_SPINE_ROWS,
                        Limits.INLINE_SPINE_BYTES);
        if (file.equals(STANDARD_INPUT)) {
            throw CommandFailure.usage(tooMuch + ". Save it to a file: --spine FILE.csv");
        }
        console.note(tooMuch + "; uploading it, as --spine does");
        Path local = Path.of(file);
        return spine.setKind(SpineKind.CSV)
                .setColumnTypes(types.of(List.of(CsvText.of(local))))
                .setLocations(List.of(uploads.apply(local)))
                .build();
    }

    private static boolean isLargerThanText(String file) {
        try {
            return !file.equals(STANDARD_INPUT) && Files.size(Path.of(file)) > CommandContext.MAX_TEXT_BYTES;
        } catch (IOException e) {
            return false; // reading it says why
        }
    }

    private static long bytes(List<String> values) {
        long bytes = 0;
        for (String value : values) {
            bytes += value == null ? 0 : value.getBytes(StandardCharsets.UTF_8).length;
        }
        return bytes;
    }

    private static Spine ids(Spine.Builder spine, List<String> ids, RetrieveOptions.SpineDetails details) {
        if (!details.columns.isEmpty()) {
            throw CommandFailure.usage("--columns is for spines in files and tables; --ids names its own columns");
        }
        Map<String, List<String>> columns = new LinkedHashMap<>();
        for (String id : ids) {
            int equals = id.indexOf('=');
            if (equals < 1) {
                throw CommandFailure.usage("--ids must be KEY=VALUE,VALUE,…, not '%s'".formatted(id));
            }
            columns.computeIfAbsent(id.substring(0, equals), _ -> new ArrayList<>())
                    .addAll(CsvText.values("--ids " + id, id.substring(equals + 1)));
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
            rows.add(row);
        }
        return spine.setKind(SpineKind.IDS)
                .setColumns(List.copyOf(columns.keySet()))
                .setRows(rows)
                .build();
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
