package dev.firn.registration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.config.FirnConfig;
import dev.firn.config.Settings;
import dev.firn.schemas.Namespace;
import java.nio.file.Path;
import java.util.Map;
import org.apache.kafka.streams.errors.StreamsException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the topology says of its health.
final class RegistryStreamsTest {
    @Test
    void isLiveAndNotReadyBeforeItsThreadsRunAndNotLiveOnceClosed(@TempDir Path state) {
        FirnConfig config = Settings.load(
                Map.of(), Map.of("firn.kafka.bootstrap-servers", "127.0.0.1:1", "firn.state.folder", state.toString()));
        try (RegistryFixture fixture = new RegistryFixture()) {
            RegistryStreams streams =
                    RegistryStreams.of(config, Namespace.DEFAULT, fixture.topology(), new StreamsIntake());
            assertThat(streams.isLive()).isTrue();
            assertThat(streams.isReady()).isFalse();
            assertThat(streams.state()).isEqualTo("CREATED");
            assertThat(streams.failed().getCount()).isEqualTo(1);

            streams.close();
            assertThat(streams.isLive()).isFalse();
            assertThat(streams.isReady()).isFalse();
        }
    }

    /// A thread that runs out of memory takes the others with it, and a new one would be no better.
    @Test
    void endsTheProcessAfterAnErrorOfTheJvmOnly() {
        assertThat(RegistryStreams.endsTheProcess(new StreamsException(new OutOfMemoryError("says the test"))))
                .isTrue();
        assertThat(RegistryStreams.endsTheProcess(new NoClassDefFoundError("says the test")))
                .isTrue();
        assertThat(RegistryStreams.endsTheProcess(new StreamsException(new IllegalStateException("says the test"))))
                .isFalse();
    }
}
