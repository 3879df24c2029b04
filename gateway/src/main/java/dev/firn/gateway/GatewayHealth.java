package dev.firn.gateway;

import dev.firn.gateway.kafka.Follower;
import dev.firn.service.Health;
import java.util.HashMap;
import java.util.Map;

/// A gateway is live while it follows its topics, and ready once it has taken its position in them and as long as the
/// brokers let it read them: otherwise it would wait for answers that never come, and show what is out of date.
record GatewayHealth(Follower follower) implements Health.Probe {
    @Override
    public boolean isLive() {
        return follower.isAlive();
    }

    @Override
    public boolean isReady() {
        return isLive() && follower.isReady() && follower.denial().isEmpty();
    }

    @Override
    public String state() {
        if (!isLive()) {
            return "FAILED";
        }
        return follower.denial().isPresent() ? "DENIED" : isReady() ? "RUNNING" : "JOINING";
    }

    @Override
    public Map<String, String> details() {
        Map<String, String> details = new HashMap<>();
        details.put("topics-last-read", follower.lastProgress().toString());
        follower.denial().ifPresent(reason -> details.put("topics-denied", reason));
        return details;
    }
}
