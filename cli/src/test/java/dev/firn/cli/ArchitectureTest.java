package dev.firn.cli;

import dev.firn.testkit.ArchRules;
import dev.firn.testkit.ArchRules.Module;
import org.junit.jupiter.api.Test;

final class ArchitectureTest {
    @Test
    void cliFollowsTheRules() {
        ArchRules.check(Module.CLI, """
                .         -> command demo events feast inspect render retrieval rights stack view
                command   -> render
                demo      -> command events render retrieval stack view
                events    -> command render
                feast     -> command render view
                inspect   -> command render
                render    ->
                retrieval -> command events render view
                rights    -> command render
                stack     -> command render rights
                view      -> command events render
                """);
    }
}
