package dev.firn.registration;

import dev.firn.service.ServiceProcess;

/// The registration service's process.
public final class RegistrationService {
    private RegistrationService() {}

    /// Ends with the exit status of [ServiceProcess].
    public static void main(String[] args) throws InterruptedException {
        System.exit(ServiceProcess.run("registration-service", RunningRegistry::start));
    }
}
