package dev.firn.retrieval;

import dev.firn.retrieval.intake.ConsumerGroupRequests;
import dev.firn.retrieval.registry.ViewRegistry;
import dev.firn.service.Health;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// A worker is live while it polls, and ready once it knows the registry and its consumers have their partitions.
record WorkerHealth(Pollers pollers, ViewRegistry views, List<ConsumerGroupRequests> sources) implements Health.Probe {
    private static final int MAX_NAMES = 10;

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

    @Override
    public Map<String, String> details() {
        Map<String, String> undecoded = views.undecoded();
        String named = undecoded.keySet().stream().limit(MAX_NAMES).collect(Collectors.joining(", "));
        return Map.of(
                "views-last-read",
                views.lastProgress().toString(),
                "views-undecoded",
                undecoded.isEmpty() ? "0" : "%d: %s".formatted(undecoded.size(), named));
    }
}
