package dev.firn.registration;

import dev.firn.testkit.ArchRules;
import dev.firn.testkit.ArchRules.Module;
import org.junit.jupiter.api.Test;

final class ArchitectureTest {
    @Test
    void registrationFollowsTheRules() {
        ArchRules.check(Module.REGISTRATION, """
                .          -> async command input standing state table validation view
                async      ->
                command    ->
                input      -> async command state
                standing   -> async command state
                state      ->
                table      -> async command
                validation ->
                view       -> async command state validation
                """);
    }
}
