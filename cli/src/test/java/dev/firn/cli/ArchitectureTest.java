package dev.firn.cli;

import dev.firn.testkit.ArchRules;
import dev.firn.testkit.ArchRules.Module;
import org.junit.jupiter.api.Test;

final class ArchitectureTest {
    @Test
    void cliFollowsTheRules() {
        ArchRules.check(Module.CLI);
    }
}
