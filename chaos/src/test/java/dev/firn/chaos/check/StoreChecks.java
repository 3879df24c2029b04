package dev.firn.chaos.check;

import dev.firn.chaos.store.StoreWrite;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// Checks on what a store was told to write, and on what lies in it. Each returns what is wrong.
public final class StoreChecks {
    private static final String MANIFEST = "/_manifest.json";

    private StoreChecks() {}

    /// A file as a manifest or a store describes it.
    public record File(String location, long bytes, String sha256) {}

    /// Manifests that were created more than once, or without a condition, or deleted.
    public static List<String> manifestsNotDecidedOnce(List<StoreWrite> writes) {
        Map<String, List<StoreWrite>> applied = writes.stream()
                .filter(write -> write.key().endsWith(MANIFEST) && write.isApplied())
                .collect(Collectors.groupingBy(StoreWrite::key, TreeMap::new, Collectors.toList()));
        List<String> problems = new ArrayList<>();
        applied.forEach((key, all) -> {
            if (all.size() > 1) {
                problems.add("%s was written %d times: %s".formatted(key, all.size(), all));
            }
            all.stream()
                    .filter(write -> !write.method().equals("PUT") || !write.conditional())
                    .forEach(write -> problems.add("a manifest must only be created: " + write));
        });
        return problems;
    }

    /// Differences between the files that a manifest names and those that lie in its folder.
    public static List<String> filesNotAsInManifest(String id, List<File> named, List<File> found) {
        Map<String, File> there = new HashMap<>();
        found.forEach(file -> there.put(file.location(), file));
        List<String> problems = new ArrayList<>();
        for (File file : named) {
            File actual = there.remove(file.location());
            if (actual == null) {
                problems.add("'%s': %s is missing".formatted(id, file.location()));
            } else if (!actual.equals(file)) {
                problems.add("'%s': expected %s, found %s".formatted(id, file, actual));
            }
        }
        new TreeSet<>(there.keySet())
                .forEach(location -> problems.add("'%s': %s is not in the manifest".formatted(id, location)));
        return problems;
    }

    /// Results whose content differs from that of a run without faults on the same pins.
    ///
    /// @param digests of the results, by id
    /// @param undisturbed digests of the same ids
    public static List<String> wrongContent(Map<String, String> digests, Map<String, String> undisturbed) {
        List<String> problems = new ArrayList<>();
        new TreeMap<>(undisturbed).forEach((id, expected) -> {
            String actual = digests.get(id);
            if (!expected.equals(actual)) {
                problems.add("'%s' has content %s, without faults %s".formatted(id, actual, expected));
            }
        });
        return problems;
    }
}
