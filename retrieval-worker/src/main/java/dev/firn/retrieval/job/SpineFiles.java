package dev.firn.retrieval.job;

import dev.firn.events.Pins;
import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.catalog.Catalogs;
import dev.firn.lake.storage.Location;
import dev.firn.lake.storage.PathOrder;
import dev.firn.lake.storage.Storage;
import dev.firn.lake.storage.StoredFile;
import dev.firn.retrieval.spine.HiveFolders;
import dev.firn.retrieval.spine.SpineFault;
import dev.firn.schemas.Code;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The files of a spine, as they are listed and as they were read.
final class SpineFiles {
    private final Catalogs catalogs;
    private final @Nullable Pins pins;
    private final Violations violations;

    /// @param pins which fix the files' ETags; null: nothing is fixed
    /// @param violations takes what is wrong
    SpineFiles(Catalogs catalogs, @Nullable Pins pins, Violations violations) {
        this.catalogs = catalogs;
        this.pins = pins;
        this.violations = violations;
    }

    /// A file of the spine.
    ///
    /// @param folders the columns that its folders name
    record Found(String location, String etag, Map<String, @Nullable String> folders) {}

    /// The files at the locations, ordered by path and compared with the pins.
    List<Found> find(List<String> locations) {
        Map<String, Found> files = new TreeMap<>(PathOrder.UTF8);
        for (int i = 0; i < locations.size(); i++) {
            String field = "spine.locations[" + i + "]";
            try {
                List<Found> found = listed(locations.get(i));
                if (found.isEmpty()) {
                    violations.add(Code.SPINE_NOT_FOUND, field, "[%s] contains no files.".formatted(locations.get(i)));
                }
                found.forEach(file -> files.merge(file.location(), file, SpineFiles::withMoreFolders));
            } catch (LakeRejection rejection) {
                violations.add(rejection, field);
            } catch (SpineFault fault) {
                violations.add(fault.code(), field, String.valueOf(fault.getMessage()));
            }
        }
        List<Found> ordered = List.copyOf(files.values());
        checkPins(ordered);
        return ordered;
    }

    /// A file that two locations name.
    private static Found withMoreFolders(Found one, Found other) {
        return one.folders().size() >= other.folders().size() ? one : other;
    }

    private List<Found> listed(String location) {
        String parsed = catalogs.access().spine(location).toString();
        List<Found> found = new ArrayList<>();
        for (StoredFile file : catalogs.storage().list(location.endsWith("/") ? parsed + "/" : parsed)) {
            String path = file.location().substring(Math.min(file.location().length(), parsed.length() + 1));
            if (path.isEmpty() || !HiveFolders.areHidden(path)) {
                requireReadable(file);
                String etag = file.etag().isEmpty() ? catalogs.storage().etag(file.location()) : file.etag();
                found.add(new Found(file.location(), etag, HiveFolders.columns(path)));
            }
        }
        return found;
    }

    /// A store holds names that Firn reads nowhere else either, such as those with `..`. A spine with a part that is
    /// left out would be another one.
    private static void requireReadable(StoredFile file) {
        if (file.location().endsWith("/")) {
            throw new LakeRejection(
                    LakeCode.LOCATION_INVALID,
                    "[%s] is a file of %d bytes with the name of a folder; rename or delete it"
                            .formatted(file.location(), file.bytes()));
        }
        Location.parse(file.location());
    }

    private void checkPins(List<Found> files) {
        if (pins == null || pins.getSpineEtags().isEmpty()) {
            return;
        }
        Map<String, String> now = new HashMap<>();
        files.forEach(file -> now.put(file.location(), file.etag()));
        if (!now.equals(pins.getSpineEtags())) {
            violations.add(
                    Code.SPINE_CHANGED,
                    "spine.locations",
                    "The spine's files differ from those that the pins fix: they were %s, they are %s."
                            .formatted(new TreeMap<>(pins.getSpineEtags()), new TreeMap<>(now)));
        }
    }

    /// Checks that what was read is what was listed: of a file that changed meanwhile both versions may have been read.
    ///
    /// @throws RetrievalRejected if it is not
    static void checkUnchanged(Storage storage, SpineOpening.Opened spine) {
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
}
