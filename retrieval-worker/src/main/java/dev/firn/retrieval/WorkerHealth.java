package dev.firn.retrieval;

import dev.firn.retrieval.intake.ConsumerGroupRequests;
import dev.firn.retrieval.registry.ViewRegistry;
import dev.firn.service.Health;
import java.util.List;

/// A worker is live while it polls, and ready once it knows the registry and its consumers have their partitions.
record WorkerHealth(Pollers pollers, ViewRegistry views, List<ConsumerGroupRequests> sources) implements Health.Probe {
    @Override
    public boolean isLive() {
        return !pollers.hasFailed();
    }

    @Override
    public boolean isReady() {
        return isLive() && views.isReady() && sources.stream().allMatch(ConsumerGroupRequests::isHealthy);
    }

    @Override
    public String state() {
        if (!isLive()) {
            return "FAILED";
        }
        return isReady() ? "RUNNING" : "JOINING";
    }
}
