package dev.firn.config;

import dev.firn.testkit.ArchRules;
import dev.firn.testkit.ArchRules.Module;
import org.junit.jupiter.api.Test;

final class ArchitectureTest {
    @Test
    void configFollowsTheRules() {
        ArchRules.check(Module.CONFIG, ". ->");
    }
}
