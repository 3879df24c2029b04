package dev.firn.lake;

import dev.firn.lake.storage.Location;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// The guard rails: what requests may read and where Firn writes. Locations are compared segment by segment.
///
/// @param catalogs catalogs whose tables may be read
/// @param schemas schemas that may be read, as `catalog.schema`; empty allows all schemas of the allowed catalogs
/// @param spinePrefixes locations under which spines may be read
/// @param own locations under which Firn writes and reads its own files
/// @param retainCatalogs catalogs in which requests may retain snapshots with tags
/// @param dataLocations locations under which files of tables may be read; if empty, each table's own location and the
///     warehouse of its catalog
/// @param targetSchemas schemas, as `catalog.schema`, in which requests may have results written as tables
public record Access(
        Set<String> catalogs,
        Set<String> schemas,
        List<String> spinePrefixes,
        OwnLocations own,
        Set<String> retainCatalogs,
        List<String> dataLocations,
        Set<String> targetSchemas) {
    private static final Pattern TARGET = Pattern.compile("[a-z_][a-z0-9_]{0,126}");

    public Access {
        targetSchemas = Set.copyOf(targetSchemas);
        catalogs = Set.copyOf(catalogs);
        schemas = Set.copyOf(schemas);
        spinePrefixes = List.copyOf(spinePrefixes);
        retainCatalogs = Set.copyOf(retainCatalogs);
        dataLocations = List.copyOf(dataLocations);
        for (String location : dataLocations) {
            if (FileAddress.parse(location).isEmpty()) {
                throw new IllegalArgumentException(
                        "'%s' is not a location, such as s3://bucket/folder".formatted(location));
            }
        }
        spinePrefixes.forEach(Location::parse);
    }

    /// Access that lets no request retain snapshots, to tables that keep their files together.
    public Access(Set<String> catalogs, Set<String> schemas, List<String> spinePrefixes, String resultsLocation) {
        this(catalogs, schemas, spinePrefixes, resultsLocation, Set.of(), List.of());
    }

    /// Access to tables that keep their files together.
    public Access(
            Set<String> catalogs,
            Set<String> schemas,
            List<String> spinePrefixes,
            String resultsLocation,
            Set<String> retainCatalogs) {
        this(catalogs, schemas, spinePrefixes, resultsLocation, retainCatalogs, List.of());
    }

    /// Access of a deployment that stores no spines.
    public Access(
            Set<String> catalogs,
            Set<String> schemas,
            List<String> spinePrefixes,
            String resultsLocation,
            Set<String> retainCatalogs,
            List<String> dataLocations) {
        this(
                catalogs,
                schemas,
                spinePrefixes,
                new OwnLocations(resultsLocation, resultsLocation),
                retainCatalogs,
                dataLocations,
                Set.of());
    }

    /// The same access, and results may be written as tables in these schemas.
    public Access withTargetSchemas(Set<String> schemas) {
        return new Access(catalogs, this.schemas, spinePrefixes, own, retainCatalogs, dataLocations, schemas);
    }

    /// Throws `CATALOG_NOT_ALLOWED` or `SCHEMA_NOT_ALLOWED` if requests may not read the table.
    public void check(TableName table) {
        if (!catalogs.contains(table.catalog())) {
            throw new LakeRejection(
                    LakeCode.CATALOG_NOT_ALLOWED,
                    "[" + table + "] catalog '" + table.catalog() + "' may not be read; allowed: " + sorted(catalogs));
        }
        String schema = table.catalog() + "." + table.schema();
        if (!schemas.isEmpty() && !schemas.contains(schema)) {
            throw new LakeRejection(
                    LakeCode.SCHEMA_NOT_ALLOWED,
                    "[" + table + "] schema '" + schema + "' may not be read; allowed: " + sorted(schemas));
        }
    }

    /// Throws `RETAIN_NOT_ALLOWED` if requests may not retain snapshots of the table.
    public void checkRetain(TableName table) {
        if (!retainCatalogs.contains(table.catalog())) {
            throw new LakeRejection(
                    LakeCode.RETAIN_NOT_ALLOWED,
                    "[" + table + "] snapshots may not be tagged in catalog '" + table.catalog() + "'; allowed: "
                            + sorted(retainCatalogs));
        }
    }

    /// Throws `TARGET_INVALID` or `TARGET_NOT_ALLOWED` if no result may be written as that table.
    public void checkTarget(TableName table) {
        if (!TARGET.matcher(table.table()).matches()) {
            throw new LakeRejection(
                    LakeCode.TARGET_INVALID,
                    "[" + table + "] the name of a target table must match " + TARGET
                            + ", so that every engine finds it under the same name");
        }
        String schema = table.catalog() + "." + table.schema();
        if (!targetSchemas.contains(schema)) {
            throw new LakeRejection(
                    LakeCode.TARGET_NOT_ALLOWED,
                    "[" + table + "] results may not be written to schema '" + schema + "'; allowed: "
                            + sorted(targetSchemas));
        }
    }

    /// Throws `DATA_LOCATION_NOT_ALLOWED` if a target table is where Firn must not write it: among its own files, which
    /// it cleans up, outside of `dataLocations`, or under a name that Iceberg cuts.
    public void checkTargetLocation(TableName table, String location) {
        Optional<FileAddress> address = FileAddress.parse(location);
        boolean isElsewhere = !dataLocations.isEmpty()
                && dataLocations.stream()
                        .map(FileAddress::parse)
                        .flatMap(Optional::stream)
                        .noneMatch(allowed ->
                                address.filter(found -> found.isUnder(allowed)).isPresent());
        // every file would be one, and listing a copy would list what is not Firn's
        boolean isCut = Location.isCutByIceberg(location);
        if (address.isEmpty() || isElsewhere || isCut || own.overlap(address.get())) {
            throw new LakeRejection(
                    LakeCode.DATA_LOCATION_NOT_ALLOWED,
                    "[%s] a target table must not be at %s, which %s"
                            .formatted(
                                    table,
                                    location,
                                    isElsewhere
                                            ? "is outside of firn.access.data-locations"
                                            : "is malformed, has '#' or '?', where Iceberg cuts names, or is among the results and spines of Firn"));
        }
    }

    /// Parses the location of a spine. Throws `LOCATION_INVALID` or `LOCATION_NOT_ALLOWED`.
    public Location spine(String location) {
        Location parsed = Location.parse(location);
        if (spinePrefixes.stream().noneMatch(prefix -> parsed.isUnder(Location.parse(prefix)))) {
            throw new LakeRejection(
                    LakeCode.LOCATION_NOT_ALLOWED,
                    "[" + parsed + "] is outside the locations that spines may be read from: " + spinePrefixes);
        }
        return parsed;
    }

    /// Parses the location of a result. Throws `LOCATION_INVALID` or `LOCATION_NOT_ALLOWED`.
    public Location result(String location) {
        Location parsed = Location.parse(location);
        if (!parsed.isUnder(Location.parse(own.results()))) {
            throw new LakeRejection(
                    LakeCode.LOCATION_NOT_ALLOWED, "[" + parsed + "] is outside the results location " + own.results());
        }
        return parsed;
    }

    /// Parses a location that Firn writes to. Throws `LOCATION_INVALID` or `LOCATION_NOT_ALLOWED`.
    public Location own(String location) {
        Location parsed = Location.parse(location);
        return isOwn(parsed) ? parsed : result(location);
    }

    /// Whether Firn keeps files of its own there.
    public boolean isOwn(Location location) {
        return own.contain(location);
    }

    private static List<String> sorted(Set<String> names) {
        return names.stream().sorted().toList();
    }
}
