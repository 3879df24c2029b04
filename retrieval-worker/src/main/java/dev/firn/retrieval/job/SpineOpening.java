package dev.firn.retrieval.job;

import dev.firn.events.Pins;
import dev.firn.events.ResolvedColumn;
import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.catalog.Catalogs;
import dev.firn.lake.catalog.Dtype;
import dev.firn.lake.catalog.NearestName;
import dev.firn.lake.catalog.PinnedTable;
import dev.firn.lake.storage.Storage;
import dev.firn.lake.storage.StoredFile;
import dev.firn.retrieval.job.Pinning.Pinned;
import dev.firn.retrieval.spine.SpineFault;
import dev.firn.retrieval.spine.SpineRows;
import dev.firn.retrieval.spine.Spines;
import dev.firn.schemas.Code;
import dev.firn.schemas.Limits;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Type.TypeID;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/// Opens the spine far enough to know its columns, and checks that every view finds its keys there, before any
/// data is read.
final class SpineOpening {
    private static final Pattern HIDDEN = Pattern.compile("(^|/)[_.]");
    private static final String DEFAULT_TIMESTAMP = "event_timestamp";

    private final CheckedRequest request;
    private final Spine spine;
    private final Pinned pinned;
    private final Catalogs catalogs;
    private final Violations violations = new Violations();

    private SpineOpening(CheckedRequest request, Pinned pinned, Catalogs catalogs) {
        this.request = request;
        this.spine = request.request().getSpine();
        this.pinned = pinned;
        this.catalogs = catalogs;
    }

    /// A spine whose columns are known.
    ///
    /// @param timestamp index of the column with the rows' times; -1 when T is the time of every row
    /// @param zone of zone-less times
    /// @param keys for each view, for each of its keys, where it comes from
    /// @param etags location to ETag of each file, in order
    record Opened(SpineRows rows, int timestamp, ZoneId zone, List<List<KeySource>> keys, Map<String, String> etags) {
        Opened {
            keys = List.copyOf(keys);
        }
    }

    /// @param column index of the spine's column
    record KeySource(int column, KeyCast cast) {}

    /// @throws RetrievalRejected with everything that stands against it
    static Opened open(CheckedRequest request, Pinned pinned, Catalogs catalogs) {
        return new SpineOpening(request, pinned, catalogs).open();
    }

    /// Whether the spine has no rows of its own.
    static boolean isAllEntities(CheckedRequest request) {
        return request.request().getSpine().getKind() == SpineKind.ALL;
    }

    private Opened open() {
        ZoneId zone = zone();
        checkInlineSize();
        Map<String, Type> textTypes = textTypes();
        violations.throwIfAny();
        List<StoredFile> files = files();
        violations.throwIfAny();
        try {
            SpineRows rows = rows(files, textTypes, zone);
            try {
                return checked(rows, zone, files);
            } catch (RuntimeException e) {
                rows.close();
                throw e;
            }
        } catch (SpineFault fault) {
            throw new RetrievalRejected(fault.code(), fault.field(), String.valueOf(fault.getMessage()));
        }
    }

    private SpineRows rows(List<StoredFile> files, Map<String, Type> textTypes, ZoneId zone) {
        Storage storage = catalogs.storage();
        return switch (spine.getKind()) {
            case ROWS, IDS -> Spines.inline(spine.getColumns(), StoredRows.of(spine, catalogs), textTypes, zone);
            case CSV ->
                Spines.csv(
                        files.stream()
                                .map(file -> storage.input(file.location()))
                                .toList(),
                        spine.getColumns(),
                        textTypes,
                        zone);
            case PARQUET ->
                Spines.parquet(
                        files.stream()
                                .map(file -> storage.input(file.location()))
                                .toList(),
                        spine.getColumns());
            case TABLE -> {
                PinnedTable table = pinned.spineTable();
                if (table == null) {
                    throw new RetrievalRejected(Code.SPINE_INCOMPLETE, "spine.table", "A TABLE spine names its table.");
                }
                yield Spines.table(table, spine.getColumns());
            }
            case ALL, UNKNOWN ->
                throw new RetrievalRejected(
                        Code.SPINE_KIND_UNKNOWN, "spine.kind", "The spine is of no kind that this worker knows.");
        };
    }

    private Opened checked(SpineRows rows, ZoneId zone, List<StoredFile> files) {
        List<NestedField> columns = rows.schema().columns();
        List<String> names = columns.stream().map(NestedField::name).toList();
        int timestamp = timestamp(columns, names);
        List<List<KeySource>> keys = new ArrayList<>();
        for (BoundView view : pinned.views()) {
            keys.add(keys(view, columns, names));
        }
        OutputNames.addAll(request, names, violations);
        violations.throwIfAny();
        Map<String, String> etags = new TreeMap<>();
        files.forEach(file -> etags.put(file.location(), file.etag()));
        return new Opened(rows, timestamp, zone, keys, etags);
    }

    private void checkInlineSize() {
        if (spine.getRows().size() > Limits.INLINE_SPINE_ROWS) {
            violations.add(
                    Code.SPINE_TOO_LARGE,
                    "spine.rows",
                    "%d rows come inline; at most %d may. Put them into a file."
                            .formatted(spine.getRows().size(), Limits.INLINE_SPINE_ROWS));
        }
        long bytes =
                spine.getColumns().stream().mapToLong(SpineOpening::utf8Bytes).sum();
        for (List<@Nullable String> row : spine.getRows()) {
            for (String value : row) {
                bytes += value == null ? 0 : utf8Bytes(value);
            }
        }
        if (bytes > Limits.INLINE_SPINE_BYTES) {
            violations.add(
                    Code.SPINE_TOO_LARGE,
                    "spine.rows",
                    "%d bytes come inline; at most %d may. Put them into a file."
                            .formatted(bytes, Limits.INLINE_SPINE_BYTES));
        }
    }

    private static long utf8Bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    private int timestamp(List<NestedField> columns, List<String> names) {
        if (spine.getKind() == SpineKind.IDS) {
            return -1;
        }
        String wanted = timestampColumn();
        int index = names.indexOf(wanted);
        if (index < 0) {
            Optional<String> nearest = NearestName.of(wanted, names);
            violations.add(
                    Code.SPINE_TIMESTAMP_MISSING,
                    "spine.timestamp_column",
                    "The spine has no column '%s' with its rows' times; it has %s.".formatted(wanted, names),
                    nearest.orElse(null));
        } else if (SpineTime.scale(columns.get(index).type()).isEmpty()) {
            violations.add(
                    Code.SPINE_TIMESTAMP_TYPE,
                    "spine.timestamp_column",
                    "Column '%s' is %s; cast it to a timestamp or a date."
                            .formatted(wanted, columns.get(index).type()));
        }
        return index;
    }

    private List<KeySource> keys(BoundView view, List<NestedField> columns, List<String> names) {
        List<KeySource> keys = new ArrayList<>();
        for (int k = 0; k < view.keyTypes().size(); k++) {
            String wanted = view.use().keyColumns().get(k);
            int index = names.indexOf(wanted);
            if (index < 0) {
                Optional<String> nearest = NearestName.of(wanted, names);
                violations.add(
                        Code.SPINE_KEY_MISSING,
                        "spine.columns",
                        "View '%s' needs column '%s', which the spine does not have; it has %s."
                                .formatted(view.use().name(), wanted, names),
                        nearest.orElse(null));
                continue;
            }
            Type type = columns.get(index).type();
            Type keyType = view.keyTypes().get(k);
            Optional<KeyCast> cast = KeyCast.between(type, keyType);
            if (cast.isEmpty()) {
                violations.add(
                        Code.KEY_TYPE_MISMATCH,
                        "spine.columns." + wanted,
                        "Column '%s' is %s and does not compare with the %s key of view '%s'; cast it to %s%s."
                                .formatted(wanted, type, keyType, view.use().name(), keyType, hint(type)));
                continue;
            }
            keys.add(new KeySource(index, cast.get()));
        }
        return keys;
    }

    private static String hint(Type spine) {
        return spine.typeId() == TypeID.DOUBLE || spine.typeId() == TypeID.FLOAT
                ? " (pandas makes integers with missing values double; astype('Int64') keeps them)"
                : "";
    }

    /// The files of the spine in order; checked against the pins.
    private List<StoredFile> files() {
        if (spine.getKind() != SpineKind.PARQUET && spine.getKind() != SpineKind.CSV) {
            return List.of();
        }
        if (spine.getLocations().isEmpty()) {
            violations.add(Code.SPINE_INCOMPLETE, "spine.locations", "The spine names no location.");
        }
        Map<String, StoredFile> files = new TreeMap<>();
        for (int i = 0; i < spine.getLocations().size(); i++) {
            String field = "spine.locations[" + i + "]";
            try {
                List<StoredFile> found = listed(spine.getLocations().get(i));
                if (found.isEmpty()) {
                    violations.add(
                            Code.SPINE_NOT_FOUND,
                            field,
                            "[%s] holds no file.".formatted(spine.getLocations().get(i)));
                }
                found.forEach(file -> files.put(file.location(), file));
            } catch (LakeRejection rejection) {
                violations.add(rejection, field);
            }
        }
        List<StoredFile> ordered = List.copyOf(files.values());
        checkPins(ordered);
        return ordered;
    }

    /// Names that begin with `_` or `.` are not data, as everywhere in this trade.
    private List<StoredFile> listed(String location) {
        String parsed = catalogs.access().spine(location).toString();
        return catalogs.storage().list(location.endsWith("/") ? parsed + "/" : parsed).stream()
                .filter(file -> file.location().equals(parsed) || !isHidden(parsed, file.location()))
                .filter(file -> !file.location().endsWith("/"))
                .toList();
    }

    private static boolean isHidden(String folder, String location) {
        String below = location.substring(Math.min(location.length(), folder.length()));
        return HIDDEN.matcher(below).find();
    }

    private void checkPins(List<StoredFile> files) {
        Pins pins = request.pins();
        if (pins == null || pins.getSpineEtags().isEmpty()) {
            return;
        }
        Map<String, String> now = new HashMap<>();
        files.forEach(file -> now.put(file.location(), file.etag()));
        if (!now.equals(pins.getSpineEtags())) {
            violations.add(
                    Code.SPINE_CHANGED,
                    "spine.locations",
                    "The spine's files are no longer those that the pins fix: were %s, are %s."
                            .formatted(new TreeMap<>(pins.getSpineEtags()), new TreeMap<>(now)));
        }
    }

    /// Whether what was read is what was listed: a file that changed meanwhile may have been read half and
    /// half.
    ///
    /// @throws RetrievalRejected if it is not
    static void checkUnchanged(Storage storage, Opened spine) {
        Violations violations = new Violations();
        spine.etags().forEach((location, etag) -> {
            String now = storage.etag(location);
            if (!now.equals(etag)) {
                violations.add(
                        Code.SPINE_CHANGED,
                        "spine.locations",
                        "[%s] changed while it was read: its ETag was %s, is %s.".formatted(location, etag, now));
            }
        });
        violations.throwIfAny();
    }

    private ZoneId zone() {
        String zone = spine.getTimestampZone();
        if (zone == null || zone.isEmpty()) {
            return ZoneOffset.UTC;
        }
        try {
            return ZoneId.of(zone);
        } catch (DateTimeException e) {
            violations.add(
                    Code.INVALID_ZONE,
                    "spine.timestamp_zone",
                    "'%s' is no zone of IANA's list.".formatted(zone),
                    NearestName.of(zone, ZoneId.getAvailableZoneIds()).orElse(null));
            return ZoneOffset.UTC;
        }
    }

    private String timestampColumn() {
        return spine.getTimestampColumn().isEmpty() ? DEFAULT_TIMESTAMP : spine.getTimestampColumn();
    }

    /// Types of text columns: a key's from the views, the time an instant, others as the request says.
    private Map<String, Type> textTypes() {
        Map<String, Type> types = new HashMap<>();
        spine.getColumnTypes().forEach((column, dtype) -> {
            Type type = textType(column, dtype);
            if (type != null) {
                types.put(column, type);
            }
        });
        if (spine.getKind() != SpineKind.IDS) {
            types.putIfAbsent(timestampColumn(), Types.TimestampType.withZone());
        }
        Map<String, Type> keys = new HashMap<>();
        for (BoundView view : pinned.views()) {
            for (int k = 0; k < view.keyTypes().size(); k++) {
                // an older snapshot's key may be narrower than the view's: its text is still the view's
                ResolvedColumn entity = view.use().definition().getEntities().get(k);
                Type type = wider(view.keyTypes().get(k), Types.fromPrimitiveString(entity.getType()));
                keys.merge(view.use().keyColumns().get(k), type, SpineOpening::wider);
            }
        }
        keys.forEach((column, type) -> {
            if (spine.getColumnTypes().containsKey(column) && !type.equals(types.get(column))) {
                violations.add(
                        Code.SPINE_COLUMN_TYPE,
                        "spine.column_types." + column,
                        "'%s' is a key of a view and is read as its type, %s.".formatted(column, type));
            }
            types.put(column, type);
        });
        return types;
    }

    /// Two views may hold one key in columns of other widths.
    private static Type wider(Type one, Type other) {
        return one.typeId() == TypeID.INTEGER && other.typeId() == TypeID.LONG ? other : one;
    }

    private @Nullable Type textType(String column, String dtype) {
        try {
            return TextTypes.of(Dtype.parse(dtype));
        } catch (IllegalArgumentException e) {
            violations.add(
                    Code.SPINE_COLUMN_TYPE,
                    "spine.column_types." + column,
                    "'%s' is no type that text can hold: %s.".formatted(dtype, e.getMessage()));
            return null;
        }
    }
}
