package dev.firn.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;

final class MissingTest {
    @Test
    void skipsTheTestAndSaysWhatIsMissing() {
        assertThatThrownBy(() -> Missing.skipOrFail("python3", Map.of()))
                .isInstanceOf(TestAbortedException.class)
                .hasMessage("missing: python3");
    }

    @Test
    void failsTheTestInCi() {
        assertThatThrownBy(() -> Missing.skipOrFail("python3", Map.of("CI", "true")))
                .isInstanceOf(AssertionError.class)
                .hasMessage("missing: python3");
    }

    @Test
    void tellsTheGateOneLinePerSkip(@TempDir Path folder) {
        Path skips = folder.resolve("skips");
        Map<String, String> environment = Map.of("FIRN_SKIPS", skips.toString());
        assertThatThrownBy(() -> Missing.skipOrFail("python3: not found\non the PATH", environment))
                .isInstanceOf(TestAbortedException.class);
        assertThatThrownBy(() -> Missing.skipOrFail("a server", environment)).isInstanceOf(TestAbortedException.class);
        assertThat(skips).hasContent("MissingTest: missing: python3: not found\nMissingTest: missing: a server\n");
    }
}
