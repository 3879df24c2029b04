package dev.firn.testkit;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The architecture rules that a compiler does not check. Each module has an `ArchitectureTest` that calls [#check].
///
/// Classes are read from the module's `target/classes`, so the test may be in another module if that one is built
/// later.
public final class ArchRules {
    static final String ROOT = "dev.firn.";

    /// A module: its folder, its packages under `dev.firn`, the packages of other modules that it may use, and the
    /// libraries that it must not use. Lists are separated by blanks.
    public enum Module {
        CONFIG("config", "config", "", "org.apache.. io.trino.."),
        SCHEMAS("schemas", "schemas events", "", "org.apache.iceberg.. io.trino.."),
        ENGINE("engine", "engine", "", ""),
        LAKE("lake", "lake", "engine", "org.apache.kafka.. io.trino.."),
        S3("embedded/parts/s3", "s3", "", "org.apache.kafka.. org.apache.iceberg.. io.trino.."),
        EMBEDDED("embedded", "embedded", "", "org.apache.."),
        TESTKIT("testkit", "testkit", "embedded", "org.apache.iceberg.."),
        SERVICE("service", "service", "config events lake schemas", "io.trino.."),
        REGISTRATION("registration-service", "registration", "config events lake schemas service", ""),
        RETRIEVAL("retrieval-worker", "retrieval", "config engine events lake schemas service", "io.trino.."),
        GATEWAY("gateway", "gateway", "config events lake schemas service", "io.trino.."),
        CLI("cli", "cli", "config embedded engine events lake schemas service", ""),
        BENCHMARKS("benchmarks", "benchmarks", "embedded engine events lake retrieval schemas service", "");

        private final String folder;
        private final String packages;
        private final String mayUse;
        private final String forbidden;

        Module(String folder, String packages, String mayUse, String forbidden) {
            this.folder = folder;
            this.packages = packages;
            this.mayUse = mayUse;
            this.forbidden = forbidden;
        }

        /// Relative to the project.
        String folder() {
            return folder;
        }

        Set<String> packages() {
            return words(packages);
        }

        Set<String> mayUse() {
            return words(mayUse);
        }

        private Set<String> forbidden() {
            return words(forbidden);
        }

        private boolean owns(JavaClass type) {
            return packages().contains(topPackage(type));
        }

        private boolean mayUse(JavaClass type) {
            return owns(type) || mayUse().contains(topPackage(type));
        }

        private static Set<String> words(String list) {
            return Pattern.compile(" +")
                    .splitAsStream(list)
                    .filter(word -> !word.isEmpty())
                    .collect(Collectors.toUnmodifiableSet());
        }
    }

    /// Modules whose packages still have cycles. Remove a module as soon as it has none: the check then fails.
    private static final Set<Module> CYCLIC = Set.of(Module.LAKE);

    private static final String VAGUE_NAME = ".*(Manager|Helper|Helpers|Util|Utils|Impl)";

    private static final SliceAssignment BY_PACKAGE = new SliceAssignment() {
        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
            return SliceIdentifier.of(type.getPackageName());
        }

        @Override
        public String getDescription() {
            return "packages";
        }
    };

    private ArchRules() {}

    /// Checks a module's production classes: the arrows between modules, no cycles between the module's packages, the
    /// names, and no sleeping.
    public static void check(Module module) {
        JavaClasses classes = production(module, project().resolve(module.folder()));
        checkModuleArrows(module, classes);
        checkCycles(module, classes);
        checkCode(classes);
    }

    /// Checks the same, and that the arrows between the module's packages are exactly those described: a line for each
    /// package, with the packages that it uses. Names are relative to the module's package, which is `.`:
    ///
    /// ```
    /// .       -> catalog scan
    /// catalog ->
    /// scan    -> catalog
    /// ```
    public static void check(Module module, String packageArrows) {
        check(module);
        List<String> problems = PackageArrows.parse(packageArrows)
                .problems(production(module, project().resolve(module.folder())));
        if (!problems.isEmpty()) {
            throw new AssertionError("[%s] the arrows between packages differ from their description:\n  %s"
                    .formatted(module.folder(), String.join("\n  ", problems)));
        }
    }

    /// The project's folder. Surefire sets the property; without it, tests run in the folder of their module.
    static Path project() {
        return Path.of(System.getProperty("firn.home", ".."));
    }

    /// The compiled classes of a module without those that a tool generates into its source packages.
    static JavaClasses production(Module module, Path folder) {
        Path compiled = folder.resolve("target").resolve("classes");
        if (!Files.isDirectory(compiled)) {
            throw new AssertionError("[%s] no classes of %s: build the module first".formatted(compiled, module));
        }
        JavaClasses classes = new ClassFileImporter()
                .withImportOption(location -> !location.contains("jmh_generated") && !location.contains("$$CMImpl"))
                .importPath(compiled)
                .that(describe("are in packages of the module", module::owns));
        if (classes.isEmpty()) {
            throw new AssertionError("[%s] no classes of %s: is its package described?".formatted(compiled, module));
        }
        return classes;
    }

    private static void checkModuleArrows(Module module, JavaClasses classes) {
        noClasses()
                .should()
                .dependOnClassesThat(describe(
                        "are in modules that it may not use",
                        type -> type.getPackageName().startsWith(ROOT) && !module.mayUse(type)))
                .because("the arrows between the modules are part of the design")
                .check(classes);
        if (!module.forbidden().isEmpty()) {
            noClasses()
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(module.forbidden().toArray(String[]::new))
                    .because("each library has its place in the design")
                    .check(classes);
        }
    }

    private static void checkCycles(Module module, JavaClasses classes) {
        var rule = slices().assignedFrom(BY_PACKAGE)
                .should()
                .beFreeOfCycles()
                .because("packages that use each other cannot be understood alone");
        if (!CYCLIC.contains(module)) {
            rule.check(classes);
        } else if (!rule.evaluate(classes).hasViolation()) {
            throw new AssertionError("%s has no cycles any more: remove it from ArchRules.CYCLIC".formatted(module));
        }
    }

    private static void checkCode(JavaClasses classes) {
        classes()
                .that()
                .areTopLevelClasses()
                .should()
                .haveNameNotMatching(VAGUE_NAME)
                .because("such a name says nothing about the domain")
                .check(classes);
        noClasses()
                .should()
                .callMethod(Thread.class, "sleep", long.class)
                .orShould()
                .callMethod(Thread.class, "sleep", Duration.class)
                .because("code waits for a condition, with a limit")
                .check(classes);
    }

    /// The package directly under `dev.firn`, or nothing for classes elsewhere.
    private static String topPackage(JavaClass type) {
        String name = type.getPackageName();
        return name.startsWith(ROOT)
                ? Stream.of(name.substring(ROOT.length()).split("\\.", 2))
                        .findFirst()
                        .orElse("")
                : "";
    }
}
