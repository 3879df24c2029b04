package dev.firn.lake;

import dev.firn.lake.storage.Location;
import java.util.stream.Stream;

/// Where Firn keeps files of its own.
///
/// @param results location of results, of all deployments
/// @param spines folder of the stored spines of standing retrievals, of this deployment only
/// @param uploads folder of the spines that came through the gateway
public record OwnLocations(String results, String spines, String uploads) {
    public OwnLocations {
        requireWritable(results);
        requireWritable(spines);
        requireWritable(uploads);
    }

    /// Of a deployment without a gateway.
    public OwnLocations(String results, String spines) {
        this(results, spines, spines);
    }

    private static void requireWritable(String location) {
        if (Location.parse(location).isCutByIceberg()) {
            throw new LakeRejection(
                    LakeCode.LOCATION_INVALID,
                    "[" + location + "] Firn writes nothing to a name with '#' or '?', where Iceberg cuts names");
        }
    }

    /// Whether the address is among these, or contains one of them. File systems skip empty segments.
    boolean overlap(FileAddress address) {
        FileAddress plain = address.withoutEmptySegments();
        return Stream.of(results, spines, uploads)
                .map(own -> FileAddress.parse(own).orElseThrow())
                .anyMatch(own -> own.isUnder(plain) || plain.isUnder(own));
    }

    boolean contain(Location location) {
        return location.isUnder(Location.parse(results))
                || location.isUnder(Location.parse(spines))
                || location.isUnder(Location.parse(uploads));
    }
}
