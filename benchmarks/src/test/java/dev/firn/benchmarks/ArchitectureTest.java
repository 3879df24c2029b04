package dev.firn.benchmarks;

import dev.firn.testkit.ArchRules;
import dev.firn.testkit.ArchRules.Module;
import org.junit.jupiter.api.Test;

final class ArchitectureTest {
    @Test
    void benchmarksFollowsTheRules() {
        ArchRules.check(Module.BENCHMARKS, """
                .       ->
                kernels ->
                """);
    }
}
