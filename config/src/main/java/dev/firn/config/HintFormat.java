package dev.firn.config;

/// Who writes the records of a topic with hints.
public enum HintFormat {
    /// CloudEvents of Lakekeeper.
    LAKEKEEPER,
    /// Event notifications of S3, in the form that MinIO and others share.
    S3,
    /// The control topic of Iceberg's sink for Kafka Connect.
    ICEBERG_CONNECT,
    /// Events of Polaris's listener for Kafka.
    POLARIS,
    /// Nessie's events as JSON.
    NESSIE
}
