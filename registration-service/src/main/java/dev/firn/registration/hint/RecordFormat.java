package dev.firn.registration.hint;

import dev.firn.config.FirnConfig;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/// How one kind of sender writes its records. Senders are not trusted: whatever the bytes are, reading takes
/// bounded time and memory and does not throw. Used by one thread.
@FunctionalInterface
interface RecordFormat {
    Reading read(Headers headers, byte @Nullable [] value);

    static RecordFormat of(FirnConfig.HintSource source, int maxBytes) {
        SenderNames names = new SenderNames(source.catalogs());
        JsonValues json = new JsonValues(maxBytes);
        return switch (source.format()) {
            case LAKEKEEPER -> new LakekeeperFormat(names, json);
            case S3 -> new S3Format(json);
            case ICEBERG_CONNECT -> new IcebergConnectFormat(names);
            case POLARIS -> new PolarisFormat(names, json);
            case NESSIE -> new NessieFormat(names, json);
        };
    }
}
