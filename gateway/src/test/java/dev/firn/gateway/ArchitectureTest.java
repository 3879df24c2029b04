package dev.firn.gateway;

import dev.firn.testkit.ArchRules;
import dev.firn.testkit.ArchRules.Module;
import org.junit.jupiter.api.Test;

final class ArchitectureTest {
    @Test
    void gatewayFollowsTheRules() {
        ArchRules.check(Module.GATEWAY, """
                .         -> access feature http kafka openapi operation page retrieval standing
                access    -> problem
                feature   -> access http kafka problem
                http      -> access kafka problem
                kafka     -> problem
                openapi   -> http
                operation -> access http kafka problem
                page      -> access feature http operation problem retrieval standing
                problem   ->
                retrieval -> access http kafka problem
                standing  -> access http kafka problem retrieval
                """);
    }
}
