package dev.firn.registration;

import dev.firn.testkit.ArchRules;
import dev.firn.testkit.ArchRules.Module;
import org.junit.jupiter.api.Test;

final class ArchitectureTest {
    @Test
    void registrationFollowsTheRules() {
        ArchRules.check(Module.REGISTRATION, """
                .          -> async command hint input meter standing state table validation view
                async      -> meter
                command    ->
                hint       -> meter
                input      -> async command meter state
                meter      ->
                standing   -> async command meter state
                state      ->
                table      -> async command hint meter
                validation ->
                view       -> async command meter state validation
                """);
    }
}
