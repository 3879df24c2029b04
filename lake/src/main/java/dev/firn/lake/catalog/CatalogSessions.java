package dev.firn.lake.catalog;

import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.TableName;
import dev.firn.lake.storage.S3Properties;
import dev.firn.lake.storage.S3aProperties;
import java.io.Closeable;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.CatalogProperties;
import org.apache.iceberg.CatalogUtil;
import org.apache.iceberg.catalog.Catalog;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The open catalogs by name. If opening a catalog fails, its next use tries again. Thread-safe.
final class CatalogSessions implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CatalogSessions.class);
    private static final String HADOOP_PREFIX = "hadoop.";

    private final Map<String, Session> sessions = new TreeMap<>();

    CatalogSessions(Map<String, Map<String, String>> properties, Map<String, String> storage) {
        properties.forEach((name, own) -> sessions.put(name, new Session(name, withDefaults(own, storage))));
    }

    Catalog open(TableName table) {
        Session session = sessions.get(table.catalog());
        if (session == null) {
            throw new LakeRejection(
                    LakeCode.CATALOG_NOT_ALLOWED,
                    "[" + table + "] catalog '" + table.catalog() + "' is not configured",
                    NearestName.of(table.catalog(), sessions.keySet()).orElse(null));
        }
        return session.open();
    }

    /// The property of the table's catalog; null if not set.
    @Nullable
    String warehouse(TableName table) {
        Session session = sessions.get(table.catalog());
        return session == null ? null : session.properties.get(CatalogProperties.WAREHOUSE_LOCATION);
    }

    List<String> names() {
        return List.copyOf(sessions.keySet());
    }

    @Override
    public void close() {
        sessions.values().forEach(Session::close);
    }

    /// The catalog's own properties win over those of the store, which win over Firn's limits. The scheme of each
    /// location selects the file IO (S3FileIO for s3), unless the Iceberg catalog brings its own.
    private static Map<String, String> withDefaults(Map<String, String> own, Map<String, String> storage) {
        Map<String, String> all = new HashMap<>(S3Properties.withDefaults(storage));
        all.remove(CatalogProperties.FILE_IO_IMPL);
        all.putAll(own);
        if (!CatalogUtil.ICEBERG_CATALOG_TYPE_HADOOP.equals(own.get(CatalogUtil.ICEBERG_CATALOG_TYPE))) {
            all.putIfAbsent(CatalogProperties.FILE_IO_IMPL, "org.apache.iceberg.io.ResolvingFileIO");
        }
        return S3aProperties.complete(Map.copyOf(all));
    }

    private static final class Session {
        private final String name;
        private final Map<String, String> properties;
        private @Nullable Catalog catalog;
        private boolean closed;

        Session(String name, Map<String, String> properties) {
            this.name = name;
            this.properties = properties;
        }

        synchronized Catalog open() {
            if (closed) {
                throw new IllegalStateException("catalog '" + name + "' is closed");
            }
            if (catalog == null) {
                Configuration hadoop = new Configuration();
                properties.forEach((key, value) -> {
                    if (key.startsWith(HADOOP_PREFIX)) {
                        hadoop.set(key.substring(HADOOP_PREFIX.length()), value);
                    }
                });
                catalog = CatalogUtil.buildIcebergCatalog(name, properties, hadoop);
            }
            return catalog;
        }

        synchronized void close() {
            closed = true;
            if (catalog instanceof Closeable closeable) {
                try {
                    closeable.close();
                } catch (IOException e) {
                    LOG.atWarn().addKeyValue("catalog", name).setCause(e).log("failed to close a catalog");
                }
            }
            catalog = null;
        }
    }
}
