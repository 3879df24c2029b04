package dev.firn.registration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// State is found by the names of processors, stores and topics; a renamed one loses its state.
final class RegistryTopologyTest {
    @Test
    void isDescribedAsPinned() throws IOException {
        try (RegistryFixture registry = new RegistryFixture();
                InputStream pinned = Objects.requireNonNull(
                        RegistryTopologyTest.class.getResourceAsStream("topology.txt"), "topology.txt")) {
            assertThat(registry.topology().describe().toString().strip())
                    .isEqualTo(new String(pinned.readAllBytes(), StandardCharsets.UTF_8).strip());
        }
    }
}
