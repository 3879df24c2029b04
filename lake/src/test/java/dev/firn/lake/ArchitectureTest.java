package dev.firn.lake;

import dev.firn.testkit.ArchRules;
import org.junit.jupiter.api.Test;

final class ArchitectureTest {
    @Test
    void lakeKeepsToItsArrowsAndNames() {
        ArchRules.check(ArchRules.Module.LAKE);
    }
}
