package dev.firn.testkit;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class ArchitectureTest {
    @Test
    void testkitSeesEmbeddedOnly() {
        ArchRules.check(ArchRules.Module.TESTKIT);
    }

    /// Here, because the testkit sees embedded and not the other way round.
    @Test
    void embeddedSeesNoOtherModule() {
        ArchRules.check(ArchRules.Module.EMBEDDED);
    }

    @Test
    void aModuleWithoutClassesIsNoSuccess() {
        assertThatThrownBy(() -> ArchRules.check(ArchRules.Module.CLI)).hasMessageContaining("no classes");
    }
}
