package dev.firn.retrieval;

import dev.firn.testkit.ArchRules;
import dev.firn.testkit.ArchRules.Module;
import org.junit.jupiter.api.Test;

final class ArchitectureTest {
    @Test
    void retrievalFollowsTheRules() {
        ArchRules.check(Module.RETRIEVAL, """
                .          -> answer intake job outcome registry
                answer     -> intake job outcome
                intake     -> job
                job        -> job.changes job.refresh job.values spine
                job.changes -> job.refresh spine
                job.refresh ->
                job.values -> spine
                outcome    -> job
                registry   -> answer job
                spine      ->
                """);
    }
}
