package dev.firn.schemas;

import org.apache.kafka.common.errors.SerializationException;

/// These bytes are not an event, and no retry makes them one.
public final class NotAvroException extends SerializationException implements SerdeFailure {
    private final UndecodableCode finding;

    NotAvroException(String topic, Decoded.Undecodable<?> finding) {
        super("[" + topic + "] " + finding.code() + ": " + finding.reason());
        this.finding = finding.code();
    }

    /// What exactly is wrong.
    public UndecodableCode finding() {
        return finding;
    }

    @Override
    public String code() {
        return finding.name();
    }
}
