package dev.firn.retrieval;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.retrieval.job.Completed;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RetrievalRehearsalTest {
    /// One that is refused would rehearse nothing.
    @Test
    void theRetrievalGetsToItsResult(@TempDir Path folder) throws Exception {
        Completed completed = RetrievalRehearsal.retrieve(folder);
        assertThat(completed.rows()).isEqualTo(3);
    }
}
