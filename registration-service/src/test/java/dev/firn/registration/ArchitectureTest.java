package dev.firn.registration;

import dev.firn.testkit.ArchRules;
import dev.firn.testkit.ArchRules.Module;
import org.junit.jupiter.api.Test;

final class ArchitectureTest {
    @Test
    void registrationFollowsTheRules() {
        ArchRules.check(Module.REGISTRATION);
    }
}
