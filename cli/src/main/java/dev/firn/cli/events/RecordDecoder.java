package dev.firn.cli.events;

import dev.firn.cli.command.Connection;
import dev.firn.config.Settings;
import dev.firn.schemas.AvroCodec;
import dev.firn.schemas.Decoded;
import dev.firn.schemas.Topic;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/// Decodes record values as the events of their topics.
final class RecordDecoder implements AutoCloseable {
    private final AvroCodec codec;

    RecordDecoder(Connection connection) {
        codec = AvroCodec.forServices(Settings.schemaRegistryProperties(connection.config()));
    }

    /// @param undecodable why the bytes cannot be decoded; empty if they can, and for a tombstone
    record Outcome(@Nullable SpecificRecord value, String undecodable) {}

    Outcome decode(Topic topic, byte @Nullable [] bytes) {
        if (topic.event().isEmpty() || bytes == null) {
            return new Outcome(null, "");
        }
        Decoded<? extends SpecificRecord> decoded = codec.decode(topic.event().get(), bytes);
        return switch (decoded) {
            case Decoded.Value<? extends SpecificRecord>(var event) -> new Outcome(event, "");
            case Decoded.Undecodable<? extends SpecificRecord>(var code, var reason) ->
                new Outcome(null, code + ": " + reason);
        };
    }

    @Override
    public void close() {
        codec.close();
    }
}
