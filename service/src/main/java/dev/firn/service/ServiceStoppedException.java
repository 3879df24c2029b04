package dev.firn.service;

/// The service is being stopped while it starts.
public final class ServiceStoppedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ServiceStoppedException() {
        super("the service is being stopped");
    }
}
