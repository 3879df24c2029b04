package dev.firn.service;

import dev.firn.config.FirnConfig;
import dev.firn.config.InvalidConfigException;
import dev.firn.config.Settings;
import dev.firn.lake.storage.ProcessFolder;
import dev.firn.schemas.EventClasses;
import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The process of a service: reads the settings, starts the service, and stops it on SIGTERM or SIGINT.
///
/// | status | when |
/// |---|---|
/// | 0 | it was stopped while it started; a JVM that a signal ends exits with 128 + the signal's number instead |
/// | 1 | it must not run here, or it failed |
/// | 2 | a setting is wrong |
public final class ServiceProcess {
    private static final Logger log = LoggerFactory.getLogger(ServiceProcess.class);
    private static final int FAILED = 1;
    private static final int MISCONFIGURED = 2;

    private ServiceProcess() {}

    /// A service that can be started.
    @FunctionalInterface
    public interface Service {
        /// Starts it. `lifecycle` closes what it opens, even if this throws.
        ///
        /// @return counts down when the service can no longer work
        CountDownLatch start(FirnConfig config, Lifecycle lifecycle);
    }

    /// Runs the service until it is stopped or fails.
    ///
    /// @return the status to exit with
    public static int run(String name, Service service) throws InterruptedException {
        // ids, names of files and HTTP headers have numbers, which some locales write in other digits
        Locale.setDefault(Locale.ROOT);
        FirnConfig config;
        try {
            ProcessFolder.forThisProcess();
            EventClasses.trust();
            config = Settings.load();
        } catch (InvalidConfigException e) {
            return misconfigured(name, e);
        } catch (IOException e) {
            log.atError()
                    .addKeyValue("service", name)
                    .addKeyValue("folder", System.getProperty("java.io.tmpdir"))
                    .setCause(e)
                    .log("The folder for temporary files cannot be used");
            return FAILED;
        }
        Lifecycle lifecycle = new Lifecycle();
        CountDownLatch stopped = new CountDownLatch(1);
        Thread hook = Thread.ofPlatform().name("shutdown").unstarted(() -> {
            log.atInfo().addKeyValue("service", name).log("The service is stopping");
            lifecycle.close();
            stopped.countDown();
        });
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            CountDownLatch failed = service.start(config, lifecycle);
            log.atInfo()
                    .addKeyValue("service", name)
                    .addKeyValue("namespace", config.namespace())
                    .log("The service is up");
            failed.await();
            return FAILED;
        } catch (ServiceStoppedException e) {
            stopped.await();
            return 0;
        } catch (InvalidConfigException e) {
            return misconfigured(name, e);
        } catch (ServiceRefusedException e) {
            log.atError()
                    .addKeyValue("service", name)
                    .addKeyValue("code", e.code())
                    .addKeyValue("reason", e.getMessage())
                    .log("The service refuses to start");
            return FAILED;
        } catch (RuntimeException | Error e) {
            // an Error must end the process too: the HTTP endpoint would keep it alive and answer for it
            log.atError().addKeyValue("service", name).setCause(e).log("The service cannot start");
            return FAILED;
        }
    }

    private static int misconfigured(String name, InvalidConfigException e) {
        log.atError()
                .addKeyValue("service", name)
                .addKeyValue("problems", e.problems())
                .log("The configuration is invalid");
        return MISCONFIGURED;
    }
}
