package dev.firn.lake;

import dev.firn.lake.storage.Location;
import java.util.List;
import java.util.Set;

/// The guard rails: what requests may read, and where Firn writes. Locations compare by whole segments.
///
/// @param catalogs catalogs whose tables may be read
/// @param schemas schemas that may be read, as `catalog.schema`; empty: all of the allowed catalogs
/// @param spinePrefixes locations below which spines may lie
/// @param resultsLocation location below which Firn writes, and may read back what it wrote
/// @param retainCatalogs catalogs in which requests may keep snapshots by tags
public record Access(
        Set<String> catalogs,
        Set<String> schemas,
        List<String> spinePrefixes,
        String resultsLocation,
        Set<String> retainCatalogs) {
    public Access {
        catalogs = Set.copyOf(catalogs);
        schemas = Set.copyOf(schemas);
        spinePrefixes = List.copyOf(spinePrefixes);
        retainCatalogs = Set.copyOf(retainCatalogs);
        spinePrefixes.forEach(Location::parse);
        Location.parse(resultsLocation);
    }

    /// No snapshot may be kept anywhere.
    public Access(Set<String> catalogs, Set<String> schemas, List<String> spinePrefixes, String resultsLocation) {
        this(catalogs, schemas, spinePrefixes, resultsLocation, Set.of());
    }

    /// Lets a table through or throws `CATALOG_NOT_ALLOWED`, `SCHEMA_NOT_ALLOWED`.
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

    /// Lets the table's snapshots be kept or throws `RETAIN_NOT_ALLOWED`.
    public void checkRetain(TableName table) {
        if (!retainCatalogs.contains(table.catalog())) {
            throw new LakeRejection(
                    LakeCode.RETAIN_NOT_ALLOWED,
                    "[" + table + "] no snapshot may be kept by a tag in catalog '" + table.catalog() + "'; allowed: "
                            + sorted(retainCatalogs));
        }
    }

    /// The spine's parsed location, or `LOCATION_INVALID`, `LOCATION_NOT_ALLOWED`.
    public Location spine(String location) {
        Location parsed = Location.parse(location);
        if (spinePrefixes.stream().noneMatch(prefix -> parsed.isUnder(Location.parse(prefix)))) {
            throw new LakeRejection(
                    LakeCode.LOCATION_NOT_ALLOWED,
                    "[" + parsed + "] lies outside the locations that spines are read from: " + spinePrefixes);
        }
        return parsed;
    }

    /// The parsed location of something Firn writes, or `LOCATION_INVALID`, `LOCATION_NOT_ALLOWED`.
    public Location result(String location) {
        Location parsed = Location.parse(location);
        if (!parsed.isUnder(Location.parse(resultsLocation))) {
            throw new LakeRejection(
                    LakeCode.LOCATION_NOT_ALLOWED, "[" + parsed + "] lies outside the results at " + resultsLocation);
        }
        return parsed;
    }

    private static List<String> sorted(Set<String> names) {
        return names.stream().sorted().toList();
    }
}
