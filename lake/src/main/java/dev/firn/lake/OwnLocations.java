package dev.firn.lake;

import dev.firn.lake.storage.Location;

/// Where Firn keeps files of its own.
///
/// @param results location of results, of all deployments
/// @param spines folder of the stored spines of standing retrievals, of this deployment only
public record OwnLocations(String results, String spines) {
    public OwnLocations {
        Location.parse(results);
        Location.parse(spines);
    }

    boolean contain(Location location) {
        return location.isUnder(Location.parse(results)) || location.isUnder(Location.parse(spines));
    }
}
