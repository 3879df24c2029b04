package dev.firn.retrieval.job;

import dev.firn.events.Spine;
import dev.firn.lake.catalog.Catalogs;
import dev.firn.lake.catalog.NearestName;
import dev.firn.lake.scan.WholeTable;
import dev.firn.lake.storage.Location;
import dev.firn.lake.storage.Storage;
import dev.firn.retrieval.job.Pinning.Pinned;
import dev.firn.retrieval.spine.SpineFault;
import dev.firn.retrieval.spine.SpineFile;
import dev.firn.retrieval.spine.SpineRows;
import dev.firn.retrieval.spine.Spines;
import dev.firn.schemas.Code;
import dev.firn.schemas.Limits;
import dev.firn.service.spine.SpineSource;
import dev.firn.service.spine.StoredRows;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Type.TypeID;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/// Opens the spine far enough to know its columns, and checks that every view finds its keys there, before any
/// data is read.
final class SpineOpening {
    private static final String DEFAULT_TIMESTAMP = "event_timestamp";
    private static final int SHOWN_COLUMNS = 30;

    private final CheckedRequest request;
    private final Spine spine;
    private final Pinned pinned;
    private final Catalogs catalogs;
    private final String storedRows;
    private final WholeTable.Reading reading;
    private final Violations violations = new Violations();

    private SpineOpening(
            CheckedRequest request, Pinned pinned, Catalogs catalogs, String storedRows, WholeTable.Reading reading) {
        this.request = request;
        this.spine = request.request().getSpine();
        this.pinned = pinned;
        this.catalogs = catalogs;
        this.storedRows = storedRows;
        this.reading = reading;
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

    /// @param storedRows the only folder that stored rows are read from; empty: none are
    /// @param reading how a spine that is a table is read
    /// @throws RetrievalRejected with every violation
    static Opened open(
            CheckedRequest request, Pinned pinned, Catalogs catalogs, String storedRows, WholeTable.Reading reading) {
        return new SpineOpening(request, pinned, catalogs, storedRows, reading).open();
    }

    private Opened open() {
        ZoneId zone = zone();
        checkInlineSize();
        Map<String, Type> textTypes = new SpineTextTypes(
                        spine.getColumnTypes(), hasTimes() ? timestampColumn() : null, pinned.views(), violations)
                .types();
        violations.throwIfAny();
        List<SpineFiles.Found> files = files();
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

    private SpineRows rows(List<SpineFiles.Found> files, Map<String, Type> textTypes, ZoneId zone) {
        Storage storage = catalogs.storage();
        List<SpineFile> inputs = files.stream()
                .map(file -> new SpineFile(storage.input(file.location()), file.folders()))
                .toList();
        return switch (request.spine()) {
            case SpineSource.TimedRows inline -> Spines.inline(inline.columns(), rows(inline.rows()), textTypes, zone);
            case SpineSource.Ids inline -> Spines.inline(inline.columns(), rows(inline.rows()), textTypes, zone);
            case SpineSource.CsvFiles csv -> Spines.csv(inputs, csv.columns(), textTypes, zone);
            case SpineSource.ParquetFiles parquet -> Spines.parquet(inputs, parquet.columns(), textTypes, zone);
            case SpineSource.IcebergTable table ->
                Spines.table(
                        Objects.requireNonNull(pinned.spineTable(), table.table()),
                        table.columns(),
                        reading,
                        zone.normalized().equals(ZoneOffset.UTC) ? null : timestampColumn());
            case SpineSource.AllEntities all -> throw new IllegalArgumentException("all entities have no rows to open");
            case SpineSource.Range range -> throw new IllegalArgumentException("a range has no rows to open");
        };
    }

    private List<List<@Nullable String>> rows(SpineSource.RowsAt rows) {
        return switch (rows) {
            case SpineSource.RowsAt.InEvent here -> here.rows();
            case SpineSource.RowsAt.Stored stored -> stored(stored.location());
        };
    }

    private List<List<@Nullable String>> stored(String location) {
        String parsed = parsedOfStored(location);
        byte[] content = catalogs.storage().read(parsed, StoredRows.MAX_BYTES);
        try {
            return StoredRows.parse(content, parsed).rows();
        } catch (IllegalArgumentException e) {
            throw new RetrievalRejected(Code.SPINE_UNREADABLE, "spine.locations[0]", String.valueOf(e.getMessage()));
        }
    }

    /// Other folders of the location are other deployments'.
    private String parsedOfStored(String location) {
        Location parsed = Location.parse(location);
        if (storedRows.isEmpty() || !parsed.isUnder(Location.parse(storedRows))) {
            throw new RetrievalRejected(
                    Code.LOCATION_NOT_ALLOWED,
                    "spine.locations[0]",
                    "[%s] stored rows are only read from %s.".formatted(parsed, storedRows));
        }
        return parsed.toString();
    }

    private List<SpineFiles.Found> files() {
        SpineFiles files = new SpineFiles(catalogs, request.pins(), violations);
        return switch (request.spine()) {
            case SpineSource.ParquetFiles parquet -> files.find(parquet.locations());
            case SpineSource.CsvFiles csv -> files.find(csv.locations());
            case SpineSource.IcebergTable table -> List.of();
            case SpineSource.TimedRows rows -> List.of();
            case SpineSource.Ids ids -> List.of();
            case SpineSource.AllEntities all -> List.of();
            case SpineSource.Range range -> List.of();
        };
    }

    /// Whether each row has its own time; if not, T is the time of every row.
    private boolean hasTimes() {
        return switch (request.spine()) {
            case SpineSource.ParquetFiles parquet -> true;
            case SpineSource.CsvFiles csv -> true;
            case SpineSource.IcebergTable table -> true;
            case SpineSource.TimedRows rows -> true;
            case SpineSource.Ids ids -> false;
            case SpineSource.AllEntities all -> false;
            case SpineSource.Range range -> true;
        };
    }

    private Opened checked(SpineRows rows, ZoneId zone, List<SpineFiles.Found> files) {
        List<NestedField> columns = rows.schema().columns();
        List<String> names = columns.stream().map(NestedField::name).toList();
        int timestamp = timestamp(columns, names);
        List<List<KeySource>> keys = new ArrayList<>();
        for (BoundView view : pinned.views()) {
            keys.add(keys(view, columns, names));
        }
        OutputNames.addAll(request, names, violations);
        Set<String> compared = pinned.views().stream()
                .flatMap(view -> view.use().keyColumns().stream())
                .collect(Collectors.toSet());
        DeclaredTypes.check(spine, compared, rows.schema(), rows.names(), violations);
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
                    "%d inline rows; the limit is %d. Put them into a file."
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
                    "%d bytes of inline rows; the limit is %d. Put them into a file."
                            .formatted(bytes, Limits.INLINE_SPINE_BYTES));
        }
    }

    private static long utf8Bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    private int timestamp(List<NestedField> columns, List<String> names) {
        if (!hasTimes()) {
            return -1;
        }
        String wanted = timestampColumn();
        int index = names.indexOf(wanted);
        if (index < 0) {
            Optional<String> nearest = NearestName.of(wanted, names);
            violations.add(
                    Code.SPINE_TIMESTAMP_MISSING,
                    "spine.timestamp_column",
                    "The spine has no timestamp column '%s'; it has %s."
                            .formatted(RequestCheck.shown(wanted), shown(names)),
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
                                .formatted(view.use().name(), wanted, shown(names)),
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

    /// The names of columns as they may stand in a message: a spine may have any number.
    static String shown(List<String> names) {
        String first = names.stream()
                .limit(SHOWN_COLUMNS)
                .map(RequestCheck::shown)
                .toList()
                .toString();
        return names.size() <= SHOWN_COLUMNS ? first : first + " and %d more".formatted(names.size() - SHOWN_COLUMNS);
    }

    private static String hint(Type spine) {
        return spine.typeId() == TypeID.DOUBLE || spine.typeId() == TypeID.FLOAT
                ? " (pandas makes integers with missing values double; astype('Int64') keeps them)"
                : "";
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
                    "'%s' is not an IANA time zone.".formatted(RequestCheck.shown(zone)),
                    NearestName.of(zone, ZoneId.getAvailableZoneIds()).orElse(null));
            return ZoneOffset.UTC;
        }
    }

    private String timestampColumn() {
        return timestampColumn(spine);
    }

    /// The name of the column with the rows' times.
    static String timestampColumn(Spine spine) {
        return spine.getTimestampColumn().isEmpty() ? DEFAULT_TIMESTAMP : spine.getTimestampColumn();
    }
}
