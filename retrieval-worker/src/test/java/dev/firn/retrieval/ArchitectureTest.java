package dev.firn.retrieval;

import dev.firn.testkit.ArchRules;
import dev.firn.testkit.ArchRules.Module;
import org.junit.jupiter.api.Test;

final class ArchitectureTest {
    @Test
    void retrievalFollowsTheRules() {
        ArchRules.check(Module.RETRIEVAL, """
                .          -> answer commit intake job outcome registry
                answer     -> intake job outcome
                commit     -> outcome targets
                intake     -> job
                job        -> job.changes job.refresh job.values spine targets
                job.changes -> job.refresh spine
                job.refresh ->
                job.values -> spine
                outcome    -> job
                registry   -> answer job
                spine      ->
                targets    ->
                """);
    }
}
