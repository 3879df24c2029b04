package dev.firn.service;

import dev.firn.testkit.ArchRules;
import dev.firn.testkit.ArchRules.Module;
import org.junit.jupiter.api.Test;

final class ArchitectureTest {
    @Test
    void serviceFollowsTheRules() {
        ArchRules.check(Module.SERVICE, """
                .      -> result spine
                client ->
                event  ->
                result ->
                spine  ->
                """);
    }
}
