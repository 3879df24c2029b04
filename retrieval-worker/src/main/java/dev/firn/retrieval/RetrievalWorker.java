package dev.firn.retrieval;

import dev.firn.service.ServiceProcess;
import java.time.Clock;

/// The retrieval worker's process.
public final class RetrievalWorker {
    private RetrievalWorker() {}

    /// Ends with the exit status of [ServiceProcess].
    public static void main(String[] args) throws InterruptedException {
        System.exit(ServiceProcess.run(
                "retrieval-worker",
                (config, lifecycle) -> WorkerRuntime.start(config, lifecycle, Clock.systemUTC())
                        .failed()));
    }
}
