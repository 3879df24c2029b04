package dev.firn.gateway;

import dev.firn.service.ServiceProcess;
import java.time.Clock;

/// The gateway's process.
public final class Gateway {
    private Gateway() {}

    /// Ends with the exit status of [ServiceProcess].
    public static void main(String[] args) throws InterruptedException {
        System.exit(ServiceProcess.run(
                "gateway",
                (config, lifecycle) -> GatewayRuntime.start(config, lifecycle, Clock.systemUTC())
                        .failed()));
    }
}
