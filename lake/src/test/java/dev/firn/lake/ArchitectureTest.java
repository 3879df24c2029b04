package dev.firn.lake;

import dev.firn.testkit.ArchRules;
import dev.firn.testkit.ArchRules.Module;
import org.junit.jupiter.api.Test;

final class ArchitectureTest {
    @Test
    void lakeFollowsTheRules() {
        ArchRules.check(Module.LAKE);
    }
}
