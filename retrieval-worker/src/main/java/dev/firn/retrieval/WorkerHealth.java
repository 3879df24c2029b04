package dev.firn.retrieval;

import dev.firn.retrieval.intake.ConsumerGroupRequests;
import dev.firn.retrieval.registry.ViewRegistry;
import dev.firn.service.Health;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// A worker is live while it polls, and ready once it knows the registry and its consumers have joined
/// their groups, whether or not they have partitions. A worker that is stopping is not ready.
record WorkerHealth(Pollers pollers, ViewRegistry views, List<ConsumerGroupRequests> sources, ParkedRequests parked)
        implements Health.Probe {
    private static final int MAX_NAMES = 10;

    @Override
    public boolean isLive() {
        return !pollers.hasFailed();
    }

    @Override
    public boolean isReady() {
        return isLive()
                && !pollers.isDraining()
                && views.isReady()
                && sources.stream().allMatch(ConsumerGroupRequests::isHealthy);
    }

    @Override
    public String state() {
        if (!isLive()) {
            return "FAILED";
        }
        if (pollers.isDraining()) {
            return "DRAINING";
        }
        return isReady() ? "RUNNING" : "JOINING";
    }

    @Override
    public Map<String, String> details() {
        Map<String, String> undecoded = views.undecoded();
        String named = undecoded.keySet().stream().limit(MAX_NAMES).collect(Collectors.joining(", "));
        Map<String, String> details = new TreeMap<>(parked.details());
        details.put("views-last-read", views.lastProgress().toString());
        details.put("views-undecoded", undecoded.isEmpty() ? "0" : "%d: %s".formatted(undecoded.size(), named));
        return details;
    }
}
