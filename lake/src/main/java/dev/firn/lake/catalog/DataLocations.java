package dev.firn.lake.catalog;

import dev.firn.lake.Access;
import dev.firn.lake.FileAddress;
import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.TableName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.iceberg.hadoop.HadoopFileIO;
import org.apache.iceberg.io.FileIO;
import org.jspecify.annotations.Nullable;

/// The locations that the files of one table may be read from: those that the operator allows, else the table's own
/// location and the warehouse of its catalog.
///
/// Paths in a table's metadata are written by whoever may write the table. Without this check they could make Firn read
/// any file that Firn's own credentials open: another bucket, a local file, a web server.
///
/// Paths are compared as [FileAddress]es. Immutable.
final class DataLocations {
    /// Schemes of object stores. A table may claim a location of another scheme, such as `file`, only if its catalog
    /// is made for that scheme: by its warehouse or by reading through Hadoop.
    private static final Set<String> OBJECT_STORES = Set.of("s3", "gs", "abfs", "abfss", "wasb", "wasbs");

    private static final Set<String> NEVER_BY_DEFAULT = Set.of("http", "https", "ftp", "jar");
    private static final int MAX_SHOWN = 512;

    private final TableName table;
    private final List<String> named;
    private final List<FileAddress> allowed;

    private DataLocations(TableName table, List<String> named, List<FileAddress> allowed) {
        this.table = table;
        this.named = named;
        this.allowed = allowed;
    }

    /// @param warehouse the catalog's property; null if not set, and ignored if it is a name rather than a location
    /// @param io what the catalog reads the table with
    /// @param tableLocation as the catalog says now, never as an older metadata file says
    static DataLocations of(
            Access access, TableName table, @Nullable String warehouse, FileIO io, String tableLocation) {
        if (!access.dataLocations().isEmpty()) {
            List<FileAddress> allowed = access.dataLocations().stream()
                    .map(location -> FileAddress.parse(location).orElseThrow())
                    .toList();
            return new DataLocations(table, access.dataLocations(), allowed);
        }
        List<String> named = new ArrayList<>();
        List<FileAddress> allowed = new ArrayList<>();
        Optional<FileAddress> house = Optional.ofNullable(warehouse).flatMap(FileAddress::parse);
        Optional<FileAddress> own = FileAddress.parse(tableLocation)
                .filter(address -> OBJECT_STORES.contains(address.scheme())
                        || house.filter(other -> other.scheme().equals(address.scheme()))
                                .isPresent()
                        || (io instanceof HadoopFileIO && !NEVER_BY_DEFAULT.contains(address.scheme())));
        own.ifPresent(address -> {
            named.add(tableLocation);
            allowed.add(address);
        });
        house.filter(address -> own.stream().noneMatch(other -> address.equals(other)))
                .ifPresent(address -> {
                    named.add(String.valueOf(warehouse));
                    allowed.add(address);
                });
        return new DataLocations(table, List.copyOf(named), List.copyOf(allowed));
    }

    /// Throws `DATA_LOCATION_NOT_ALLOWED`.
    void check(String location) {
        Optional<FileAddress> address = FileAddress.parse(location);
        if (address.isPresent() && allowed.stream().anyMatch(address.get()::isUnder)) {
            return;
        }
        String shown = location.length() <= MAX_SHOWN ? location : location.substring(0, MAX_SHOWN) + "…";
        throw new LakeRejection(
                LakeCode.DATA_LOCATION_NOT_ALLOWED,
                "[%s] %s %s; to read it, add its location to firn.access.data-locations"
                        .formatted(
                                table,
                                shown.replaceAll("\\p{Cntrl}", "?"),
                                address.isEmpty()
                                        ? "is malformed or has a '.' or '..' segment"
                                        : "is outside the locations that the table's files may be read from: "
                                                + named));
    }

    @Override
    public String toString() {
        return "DataLocations" + named;
    }
}
