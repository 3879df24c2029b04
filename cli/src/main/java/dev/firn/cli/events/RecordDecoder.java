package dev.firn.cli.events;

import dev.firn.cli.command.Connection;
import dev.firn.config.Settings;
import dev.firn.schemas.AvroCodec;
import dev.firn.schemas.Decoded;
import dev.firn.schemas.Topic;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/// Turns a record's bytes into the event that its topic holds.
final class RecordDecoder implements AutoCloseable {
    private final AvroCodec codec;

    RecordDecoder(Connection connection) {
        codec = AvroCodec.forServices(Settings.schemaRegistryProperties(connection.config()));
    }

    /// @param undecodable why there is no value; empty when there is one, or when none was expected
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
