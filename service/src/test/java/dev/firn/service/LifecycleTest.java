package dev.firn.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LifecycleTest {
    private final List<String> closed = new ArrayList<>();
    private final Lifecycle lifecycle = new Lifecycle();

    @Test
    void closesTheLastOpenedFirstAndOnce() {
        lifecycle.opened(() -> closed.add("first"));
        lifecycle.opened(() -> closed.add("second"));

        lifecycle.close();
        lifecycle.close();

        assertThat(closed).containsExactly("second", "first");
    }

    @Test
    void aPartThatFailsToCloseKeepsNoOtherOpen() {
        lifecycle.opened(() -> closed.add("first"));
        lifecycle.opened(() -> {
            throw new IllegalStateException("broken");
        });

        lifecycle.close();

        assertThat(closed).containsExactly("first");
    }

    @Test
    void aPartOpenedAfterTheEndIsClosedAtOnce() {
        lifecycle.close();

        assertThatThrownBy(() -> lifecycle.opened(() -> closed.add("late")))
                .isInstanceOf(ServiceStoppedException.class);
        assertThat(closed).containsExactly("late");
    }

    @Test
    void aPauseEndsWhenTheServiceIsStopped() throws Exception {
        Thread stopping = Thread.ofVirtual().start(lifecycle::close);

        assertThatThrownBy(() -> lifecycle.pause(Duration.ofHours(1))).isInstanceOf(ServiceStoppedException.class);
        stopping.join();
    }
}
