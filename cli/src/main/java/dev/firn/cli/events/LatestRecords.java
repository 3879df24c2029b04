package dev.firn.cli.events;

import dev.firn.cli.command.Connection;
import dev.firn.schemas.Topic;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.specific.SpecificRecord;

/// The state that a compacted topic holds: the last event of each key.
public final class LatestRecords {
    private LatestRecords() {}

    /// The events that are committed now, by key and in its order. The caller may change the map.
    public static <T extends SpecificRecord> Map<String, T> of(Connection connection, Topic topic, Class<T> type) {
        Map<String, T> latest = new TreeMap<>();
        for (TopicRecord event : EventReader.all(connection, topic)) {
            event.as(type).ifPresentOrElse(value -> latest.put(event.key(), value), () -> latest.remove(event.key()));
        }
        return latest;
    }
}
