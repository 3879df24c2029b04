package dev.firn.retrieval.job;

import dev.firn.events.Pins;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.catalog.Catalogs;
import dev.firn.lake.storage.Storage;
import dev.firn.lake.storage.StoredFile;
import dev.firn.schemas.Code;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The files of a spine, as they are listed and as they were read.
final class SpineFiles {
    private static final Pattern HIDDEN = Pattern.compile("(^|/)[_.]");

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

    /// The files at the locations, ordered by path and compared with the pins.
    List<StoredFile> find(List<String> locations) {
        Map<String, StoredFile> files = new TreeMap<>();
        for (int i = 0; i < locations.size(); i++) {
            String field = "spine.locations[" + i + "]";
            try {
                List<StoredFile> found = listed(locations.get(i));
                if (found.isEmpty()) {
                    violations.add(Code.SPINE_NOT_FOUND, field, "[%s] contains no files.".formatted(locations.get(i)));
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

    /// Files and folders whose names begin with `_` or `.` are not data, by Hive convention.
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
        if (pins == null || pins.getSpineEtags().isEmpty()) {
            return;
        }
        Map<String, String> now = new HashMap<>();
        files.forEach(file -> now.put(file.location(), file.etag()));
        if (!now.equals(pins.getSpineEtags())) {
            violations.add(
                    Code.SPINE_CHANGED,
                    "spine.locations",
                    "The spine's files are not those that the pins fix: they were %s, they are %s."
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
