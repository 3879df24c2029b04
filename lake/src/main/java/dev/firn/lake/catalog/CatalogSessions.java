package dev.firn.lake.catalog;

import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.TableName;
import dev.firn.lake.storage.S3Properties;
import dev.firn.lake.storage.S3aProperties;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicReference;
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

    /// For all catalogs together. Iceberg's JDBC catalog waits for connections that are in use.
    private static final Duration MAX_CLOSE = Duration.ofSeconds(5);

    private final Map<String, Session> sessions = new TreeMap<>();

    /// @param callTime time limit of a call
    CatalogSessions(Map<String, Map<String, String>> properties, Map<String, String> storage, Duration callTime) {
        properties.forEach((name, own) ->
                sessions.put(name, new Session(name, SocketTimeouts.complete(withDefaults(own, storage), callTime))));
    }

    Catalog open(TableName table) throws Exception {
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
        List<Thread> closing = sessions.values().stream()
                .map(session -> Thread.ofPlatform()
                        .daemon()
                        .name("firn-catalog-close-" + session.name)
                        .start(session::close))
                .toList();
        long deadline = System.nanoTime() + MAX_CLOSE.toNanos();
        try {
            for (Thread thread : closing) {
                if (!thread.join(Duration.ofNanos(Math.max(1, deadline - System.nanoTime())))) {
                    LOG.atWarn().addKeyValue("thread", thread.getName()).log("a catalog does not close; leaving it");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
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
        Map<String, String> complete = new HashMap<>(S3aProperties.complete(Map.copyOf(all)));
        complete.computeIfPresent(
                CatalogProperties.FILE_IO_IMPL, (_, configured) -> CatalogFileIO.insteadOf(configured));
        return Map.copyOf(complete);
    }

    /// One catalog. Opening and closing hold no lock, since both may wait for the network: the first caller opens, the
    /// others wait for it as long as their own time limit lets them.
    private static final class Session {
        private final String name;
        private final Map<String, String> properties;
        private final AtomicReference<@Nullable FutureTask<Catalog>> opening = new AtomicReference<>();
        private volatile boolean closed;

        Session(String name, Map<String, String> properties) {
            this.name = name;
            this.properties = properties;
        }

        Catalog open() throws Exception {
            FutureTask<Catalog> mine = new FutureTask<>(this::build);
            FutureTask<Catalog> first = opening.compareAndExchange(null, mine);
            if (first == null) {
                mine.run();
                first = mine;
            }
            try {
                return first.get();
            } catch (ExecutionException e) {
                opening.compareAndSet(first, null);
                throw e.getCause() instanceof Exception cause ? cause : e;
            }
        }

        private Catalog build() {
            requireOpen();
            Configuration hadoop = new Configuration();
            properties.forEach((key, value) -> {
                if (key.startsWith(HADOOP_PREFIX)) {
                    hadoop.set(key.substring(HADOOP_PREFIX.length()), value);
                }
            });
            Catalog catalog = CatalogUtil.buildIcebergCatalog(name, properties, hadoop);
            if (closed) {
                close(catalog);
                requireOpen();
            }
            return catalog;
        }

        private void requireOpen() {
            if (closed) {
                throw new IllegalStateException("catalog '" + name + "' is closed");
            }
        }

        /// A catalog that is being opened closes itself.
        void close() {
            closed = true;
            FutureTask<Catalog> opened = opening.get();
            if (opened != null && opened.state() == Future.State.SUCCESS) {
                close(opened.resultNow());
            }
        }

        private void close(Catalog catalog) {
            if (catalog instanceof Closeable closeable) {
                try {
                    closeable.close();
                } catch (IOException | RuntimeException e) {
                    LOG.atWarn().addKeyValue("catalog", name).setCause(e).log("failed to close a catalog");
                }
            }
        }
    }
}
