package dev.firn.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.schemas.Code;
import dev.firn.schemas.Ids;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
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

    /// In Persian, `%d` gives ۷ for 7. A run with such an id, or a file with such a name, would be nobody's.
    @Test
    void writesIdsWithTheSameDigitsInEveryLocale() throws Exception {
        Locale before = Locale.getDefault();
        Locale.setDefault(Locale.forLanguageTag("fa-IR"));
        try {
            AtomicReference<String> run = new AtomicReference<>("");
            ServiceProcess.run("test", (config, lifecycle) -> {
                run.set(Ids.runId("daily", 7, "0123456789abcdef"));
                return new CountDownLatch(0);
            });

            assertThat(run.get()).isEqualTo("daily.r7.0123456789abcdef");
        } finally {
            Locale.setDefault(before);
        }
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
