package dev.firn.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

final class ProcessStartTest {
    @Test
    void readsTheStartBehindANameWithSpacesAndParentheses() {
        String stat = "17 (a) b (c) S 1 17 17 0 -1 4194560 100 0 0 0 1 2 0 0 20 0 12 0 4293617 9000 500 1 0 0";

        assertThat(ProcessStart.ticks(stat)).isEqualTo(4_293_617);
    }

    /// The JDK adds them to the time of the boot, so the difference of two processes is the same in both.
    @Test
    @EnabledOnOs(OS.LINUX)
    void countsTicksSinceTheBoot() throws IOException {
        Process child = new ProcessBuilder("sleep", "60").start();
        try {
            ProcessHandle self = ProcessHandle.current();
            long ticks = ProcessStart.of(child.toHandle()) - ProcessStart.of(self);
            long millis = child.info().startInstant().orElseThrow().toEpochMilli()
                    - self.info().startInstant().orElseThrow().toEpochMilli();

            assertThat(ProcessStart.of(self)).isLessThan(System.currentTimeMillis() / 100);
            assertThat(ticks * 10).isBetween(millis - 20, millis + 20);
        } finally {
            child.destroyForcibly();
        }
    }

    @Test
    void findsARunningProcessByItsStartOnly() throws IOException, InterruptedException {
        Process child = new ProcessBuilder("sleep", "60").start();
        long start = ProcessStart.of(child.toHandle());

        assertThat(ProcessStart.running(child.pid(), start)).contains(child.toHandle());
        assertThat(ProcessStart.running(child.pid(), start - 1)).isEmpty();

        child.destroyForcibly().waitFor();

        assertThat(ProcessStart.running(child.pid(), start)).isEmpty();
        assertThat(ProcessStart.of(child.toHandle())).isZero();
    }
}
