package dev.firn.testkit;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// Which packages of a module use which, as [ArchRules#check] describes it.
///
/// @param uses for each package, the packages that it uses; names are relative to the module's package
record PackageArrows(Map<String, Set<String>> uses) {
    static PackageArrows parse(String description) {
        Map<String, Set<String>> uses = new TreeMap<>();
        description.lines().filter(line -> !line.isBlank()).forEach(line -> {
            String[] sides = line.split("->", -1);
            if (sides.length != 2) {
                throw new IllegalArgumentException("expected 'package -> packages', got '%s'".formatted(line.strip()));
            }
            Set<String> used = new TreeSet<>(Arrays.asList(sides[1].strip().split(" +")));
            used.remove("");
            if (uses.put(sides[0].strip(), used) != null) {
                throw new IllegalArgumentException("package '%s' has two lines".formatted(sides[0].strip()));
            }
        });
        return new PackageArrows(uses);
    }

    /// How the classes differ from the description, one line for each difference.
    List<String> problems(JavaClasses classes) {
        Map<String, Map<String, String>> actual = new TreeMap<>();
        for (JavaClass type : classes) {
            Map<String, String> examples =
                    actual.computeIfAbsent(relative(type.getPackageName()), name -> new TreeMap<>());
            for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
                JavaClass target = dependency.getTargetClass().getBaseComponentType();
                if (!target.getPackageName().equals(type.getPackageName()) && classes.contain(target.getName())) {
                    examples.putIfAbsent(relative(target.getPackageName()), dependency.getDescription());
                }
            }
        }
        List<String> problems = new ArrayList<>();
        actual.forEach((name, examples) -> {
            if (!uses.containsKey(name)) {
                problems.add("package '%s' is not described; it uses %s".formatted(name, examples.keySet()));
                return;
            }
            examples.forEach((used, example) -> {
                if (!uses.get(name).contains(used)) {
                    problems.add("'%s -> %s' is not described: %s".formatted(name, used, example));
                }
            });
        });
        uses.forEach((name, used) -> {
            if (!actual.containsKey(name)) {
                problems.add("package '%s' is described but has no classes".formatted(name));
                return;
            }
            used.stream()
                    .filter(one -> !actual.get(name).containsKey(one))
                    .forEach(one -> problems.add("'%s -> %s' is described but not used".formatted(name, one)));
        });
        return problems;
    }

    private static String relative(String packageName) {
        String[] parts = packageName.substring(ArchRules.ROOT.length()).split("\\.", 2);
        return parts.length == 1 ? "." : parts[1];
    }
}
