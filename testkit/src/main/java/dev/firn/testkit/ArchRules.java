package dev.firn.testkit;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The rules of the house that a compiler does not check. Each module's `ArchitectureTest` calls [#check].
public final class ArchRules {
    /// A module: its package under `dev.firn`, the Firn packages it may see, the libraries it must not.
    public enum Module {
        CONFIG("config", "", "org.apache.. io.trino.."),
        SCHEMAS("schemas", "events", "org.apache.iceberg.. io.trino.."),
        ENGINE("engine", "", "org.apache.. org.slf4j.. com.. io.."),
        LAKE("lake", "engine", "org.apache.kafka.. io.trino.."),
        EMBEDDED("embedded", "", "org.apache.."),
        TESTKIT("testkit", "embedded", "org.apache.iceberg.."),
        REGISTRATION("registration", "config events lake schemas", ""),
        RETRIEVAL("retrieval", "config engine events lake schemas", "io.trino.."),
        CLI("cli", "config embedded events lake schemas", "");

        private final String name;
        private final String sees;
        private final String forbidden;

        /// Lists are separated by blanks.
        Module(String name, String sees, String forbidden) {
            this.name = name;
            this.sees = sees;
            this.forbidden = forbidden;
        }

        private String packages() {
            return "dev.firn." + name + "..";
        }
    }

    /// Every package directly under `dev.firn`, so that a new one is seen.
    private static final List<String> ALL = List.of(
            "config",
            "schemas",
            "events",
            "engine",
            "lake",
            "embedded",
            "testkit",
            "registration",
            "retrieval",
            "cli",
            "s3");

    private static final String VAGUE_NAME = ".*(Manager|Helper|Helpers|Util|Utils|Impl)";

    private ArchRules() {}

    /// Checks the module's production classes on the class path: the arrows, the names, no sleeping.
    public static void check(Module module) {
        JavaClasses classes = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("dev.firn." + module.name);
        if (classes.isEmpty()) {
            throw new AssertionError("no classes under dev.firn." + module.name);
        }
        noClasses()
                .that()
                .resideInAPackage(module.packages())
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(unseen(module))
                .because("the arrows between the modules are in the design")
                .check(classes);
        classes()
                .that()
                .resideInAPackage(module.packages())
                .and()
                .areTopLevelClasses()
                .should()
                .haveNameNotMatching(VAGUE_NAME)
                .because("such a name says nothing of the domain")
                .check(classes);
        noClasses()
                .should()
                .callMethod(Thread.class, "sleep", long.class)
                .orShould()
                .callMethod(Thread.class, "sleep", Duration.class)
                .because("one waits for a condition with a limit")
                .check(classes);
    }

    private static String[] unseen(Module module) {
        List<String> seen = words(module.sees).toList();
        Stream<String> ours = ALL.stream()
                .filter(name -> !name.equals(module.name) && !seen.contains(name))
                .map(name -> "dev.firn." + name + "..");
        return Stream.concat(ours, words(module.forbidden)).toArray(String[]::new);
    }

    private static Stream<String> words(String list) {
        return Pattern.compile(" ").splitAsStream(list).filter(word -> !word.isEmpty());
    }
}
