package dev.firn.registration;

import dev.firn.registration.hint.HintTopic;
import dev.firn.service.Health;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// How the running service describes itself: its streams, and what the reading of other systems' topics does.
/// Hints only save time, so the service is ready without them.
record RunningProbe(RegistryStreams streams, List<HintTopic> hintTopics) implements Health.Probe {
    @Override
    public boolean isLive() {
        return streams.isLive();
    }

    @Override
    public boolean isReady() {
        return streams.isReady();
    }

    @Override
    public String state() {
        return streams.state();
    }

    @Override
    public Map<String, String> details() {
        Map<String, String> details = new HashMap<>();
        hintTopics.forEach(topic -> details.put("hints-" + topic.name(), topic.state()));
        return details;
    }
}
