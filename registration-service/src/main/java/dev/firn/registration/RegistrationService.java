package dev.firn.registration;

import dev.firn.config.FirnConfig;
import dev.firn.config.InvalidConfigException;
import dev.firn.config.Settings;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The registration service as a process: reads the settings, runs until it is told to stop, and closes in order.
public final class RegistrationService {
    private static final Logger LOG = LoggerFactory.getLogger(RegistrationService.class);
    private static final int MISCONFIGURED = 2;

    private RegistrationService() {}

    /// Exits with 2 if a setting is wrong, 1 if the service fails, else 0.
    public static void main(String[] args) throws InterruptedException {
        FirnConfig config;
        try {
            config = Settings.load();
        } catch (InvalidConfigException e) {
            System.err.println(e.getMessage());
            System.exit(MISCONFIGURED);
            return;
        }
        CountDownLatch stopped = new CountDownLatch(1);
        RunningRegistry registry = RunningRegistry.start(config);
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            registry.close();
                            stopped.countDown();
                        },
                        "shutdown"));
        LOG.atInfo().addKeyValue("namespace", config.namespace()).log("registration service started");
        stopped.await();
    }
}
