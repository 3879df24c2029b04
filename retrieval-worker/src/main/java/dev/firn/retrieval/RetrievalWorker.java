package dev.firn.retrieval;

import dev.firn.config.FirnConfig;
import dev.firn.config.InvalidConfigException;
import dev.firn.config.Settings;
import java.time.Clock;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The retrieval worker's process. Ends with status 0 when told to, 2 when its configuration is wrong, 1 when
/// it cannot work here (a store without an atomic conditional PUT, a topic that is missing) or fails later.
public final class RetrievalWorker {
    private static final Logger log = LoggerFactory.getLogger(RetrievalWorker.class);
    private static final int WRONG_CONFIGURATION = 2;

    private RetrievalWorker() {}

    public static void main(String[] args) throws InterruptedException {
        System.exit(run());
    }

    private static int run() throws InterruptedException {
        FirnConfig config;
        try {
            config = Settings.load();
        } catch (InvalidConfigException e) {
            log.atError().addKeyValue("problems", e.problems()).log("The configuration is invalid");
            return WRONG_CONFIGURATION;
        }
        CountDownLatch stopped = new CountDownLatch(1);
        WorkerRuntime worker;
        try {
            worker = WorkerRuntime.start(config, Clock.systemUTC());
        } catch (WorkerRefusedException e) {
            log.atError()
                    .addKeyValue("code", e.code())
                    .addKeyValue("reason", e.getMessage())
                    .log("The worker refuses to start");
            return 1;
        } catch (RuntimeException e) {
            log.atError().setCause(e).log("The worker cannot start");
            return 1;
        }
        Runtime.getRuntime()
                .addShutdownHook(Thread.ofPlatform().name("shutdown").unstarted(() -> {
                    worker.close();
                    stopped.countDown();
                }));
        boolean failed = worker.awaitEnd();
        if (!failed) {
            stopped.await();
        }
        return failed ? 1 : 0;
    }
}
