package dev.firn.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.schemas.Code;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The exit status of a service that ends by itself.
@Timeout(30)
final class ServiceProcessTest {
    @Test
    void isOneIfTheServiceMustNotRunHere() throws Exception {
        assertThat(ServiceProcess.run("test", (config, lifecycle) -> {
                    throw new ServiceRefusedException(Code.STORE_NOT_ATOMIC, "says the test");
                }))
                .isEqualTo(1);
    }

    @Test
    void isOneIfItCannotStart() throws Exception {
        assertThat(ServiceProcess.run("test", (config, lifecycle) -> {
                    throw new IllegalStateException("says the test");
                }))
                .isEqualTo(1);
    }

    /// The HTTP endpoint is open by then: without an exit it would answer for a process that does nothing.
    @Test
    void isOneIfAnErrorEndsTheStart() throws Exception {
        assertThat(ServiceProcess.run("test", (config, lifecycle) -> {
                    throw new NoClassDefFoundError("says the test");
                }))
                .isEqualTo(1);
    }

    @Test
    void isOneIfTheServiceFailsLater() throws Exception {
        CountDownLatch failed = new CountDownLatch(1);
        failed.countDown();

        assertThat(ServiceProcess.run("test", (config, lifecycle) -> failed)).isEqualTo(1);
    }

    @Test
    void isTwoIfASettingIsWrong() throws Exception {
        System.setProperty("firn.http.port", "many");
        try {
            assertThat(ServiceProcess.run("test", (config, lifecycle) -> new CountDownLatch(1)))
                    .isEqualTo(2);
        } finally {
            System.clearProperty("firn.http.port");
        }
    }
}
