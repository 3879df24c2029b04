package dev.firn.schemas;

import dev.firn.testkit.ArchRules;
import dev.firn.testkit.ArchRules.Module;
import org.junit.jupiter.api.Test;

final class ArchitectureTest {
    @Test
    void schemasFollowsTheRules() {
        ArchRules.check(Module.SCHEMAS);
    }
}
