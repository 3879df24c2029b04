package dev.firn.schemas;

import org.apache.kafka.common.errors.SerializationException;

/// The registry does not hold the schema to write with, or refuses it as incompatible or invalid. An operator's to
/// mend: schemas are registered when topics are created.
public final class SchemaRefusedException extends SerializationException implements SerdeFailure {
    SchemaRefusedException(String message) {
        super(message);
    }

    @Override
    public String code() {
        return "SCHEMA_REFUSED";
    }
}
