package dev.firn.cli.events;

import dev.firn.cli.command.Connection;
import dev.firn.schemas.Topic;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.specific.SpecificRecord;

/// The state that a compacted topic holds: the last event of each key.
public final class LatestRecords {
    private LatestRecords() {}

    /// The last record of each key that has an event, by key.
    public static <T extends SpecificRecord> Map<String, TopicRecord> records(
            Connection connection, Topic topic, Class<T> type) {
        Map<String, TopicRecord> latest = new TreeMap<>();
        for (TopicRecord record : EventReader.all(connection, topic)) {
            if (record.as(type).isPresent()) {
                latest.put(record.key(), record);
            } else {
                latest.remove(record.key());
            }
        }
        return latest;
    }

    /// The events that are committed now, by key and in its order. The caller may change the map.
    public static <T extends SpecificRecord> Map<String, T> of(Connection connection, Topic topic, Class<T> type) {
        return events(records(connection, topic, type), type);
    }

    /// The events of some records. The caller may change the map.
    public static <T extends SpecificRecord> Map<String, T> events(Map<String, TopicRecord> records, Class<T> type) {
        Map<String, T> events = new TreeMap<>();
        records.forEach((key, record) -> record.as(type).ifPresent(event -> events.put(key, event)));
        return events;
    }
}
