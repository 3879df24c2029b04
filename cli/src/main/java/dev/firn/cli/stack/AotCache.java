package dev.firn.cli.stack;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The classes that a service has read and linked in an earlier run, from which its JVM starts (JEP 483, 514).
/// `scripts/services-aot` makes them. A cache of other jars or another JVM is ignored without a word.
///
/// @param file the cache
/// @param record what a run that is recorded leaves, to make the cache of
record AotCache(Path file, Path record) {
    /// The property of `./firn` that has services recorded. Not one of Firn's settings.
    static final String RECORD_PROPERTY = "dev.firn.aot.record";

    static AotCache of(Path target, String module) {
        return new AotCache(target.resolve(module + ".aot"), target.resolve(module + ".aotconf"));
    }

    /// The options of a service's JVM: none if there is no cache.
    List<String> options() {
        if (Boolean.getBoolean(RECORD_PROPERTY)) {
            return List.of(
                    "-XX:AOTMode=record",
                    "-XX:AOTConfiguration=" + record,
                    "-XX:+UnlockDiagnosticVMOptions",
                    "-XX:-AOTRecordTraining");
        }
        return Files.exists(file) ? List.of("-XX:AOTCache=" + file, "-Xlog:cds*=off", "-Xlog:aot*=off") : List.of();
    }
}
