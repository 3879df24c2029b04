package dev.firn.schemas;

import org.apache.kafka.common.errors.SerializationException;

/// The registry does not have the schema to write with, or refuses it as incompatible or invalid. An operator has to
/// register it: schemas are registered when topics are created.
public final class SchemaRefusedException extends SerializationException implements SerdeFailure {
    SchemaRefusedException(String message) {
        super(message);
    }

    @Override
    public Code code() {
        return Code.SCHEMA_REFUSED;
    }
}
