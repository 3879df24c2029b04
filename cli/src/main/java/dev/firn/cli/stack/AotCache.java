package dev.firn.cli.stack;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The classes that a service has read and linked in a rehearsal, from which its JVM starts (JEP 483, 514). The script
/// `./firn` makes it after the first `up --detach`. A cache of other jars or another JVM is ignored without a word.
record AotCache(Path file) {
    static AotCache of(Path target, String module) {
        return new AotCache(target.resolve(module + ".aot"));
    }

    /// The options of a service's JVM: none if there is no cache.
    List<String> options() {
        return Files.exists(file) ? List.of("-XX:AOTCache=" + file, "-Xlog:cds*=off", "-Xlog:aot*=off") : List.of();
    }
}
