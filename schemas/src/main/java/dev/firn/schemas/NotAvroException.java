package dev.firn.schemas;

import org.apache.kafka.common.errors.SerializationException;

/// The bytes are not an event; a retry does not help.
public final class NotAvroException extends SerializationException implements SerdeFailure {
    private final Code code;

    NotAvroException(String topic, Decoded.Undecodable<?> finding) {
        super("[" + topic + "] " + finding.code() + ": " + finding.reason());
        this.code = Code.valueOf(finding.code().name());
    }

    @Override
    public Code code() {
        return code;
    }
}
