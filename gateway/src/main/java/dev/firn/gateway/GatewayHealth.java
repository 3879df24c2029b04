package dev.firn.gateway;

import dev.firn.gateway.kafka.Follower;
import dev.firn.service.Health;
import java.util.Map;

/// A gateway is live while it follows its topics, and ready once it has taken its position in them.
record GatewayHealth(Follower follower) implements Health.Probe {
    @Override
    public boolean isLive() {
        return follower.isAlive();
    }

    @Override
    public boolean isReady() {
        return isLive() && follower.isReady();
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
        return Map.of("topics-last-read", follower.lastProgress().toString());
    }
}
