package dev.firn.lake.targets;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.iceberg.LocationProviders;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.LocationProvider;
import org.apache.iceberg.jdbc.JdbcCatalog;

/// A JDBC catalog in which a test steps in when a table is committed.
public final class HookedCatalog extends JdbcCatalog {
    private static final AtomicReference<Hook> HOOK = new AtomicReference<>(Runnable::run);
    private static final AtomicReference<Runnable> BEFORE_REFRESH = new AtomicReference<>(() -> {});

    /// What happens in place of the commit; it may call it, or throw.
    interface Hook {
        void commit(Runnable commit);
    }

    /// For the next commit only.
    static void once(Hook hook) {
        HOOK.set(commit -> {
            HOOK.set(Runnable::run);
            hook.commit(commit);
        });
    }

    /// What happens before a table that is loaded looks for newer metadata for the next time.
    static void onceBeforeRefresh(Runnable change) {
        BEFORE_REFRESH.set(change);
    }

    static void always(Hook hook) {
        HOOK.set(hook);
    }

    static void never() {
        HOOK.set(Runnable::run);
        BEFORE_REFRESH.set(() -> {});
    }

    @Override
    protected TableOperations newTableOps(TableIdentifier identifier) {
        TableOperations real = super.newTableOps(identifier);
        return new TableOperations() {
            @Override
            public TableMetadata current() {
                return real.current();
            }

            @Override
            public TableMetadata refresh() {
                BEFORE_REFRESH.getAndSet(() -> {}).run();
                return real.refresh();
            }

            @Override
            public void commit(TableMetadata base, TableMetadata metadata) {
                Objects.requireNonNull(HOOK.get()).commit(() -> real.commit(base, metadata));
            }

            @Override
            public FileIO io() {
                return real.io();
            }

            @Override
            public String metadataFileLocation(String name) {
                return real.metadataFileLocation(name);
            }

            @Override
            public LocationProvider locationProvider() {
                return LocationProviders.locationsFor(
                        current().location(), current().properties());
            }

            @Override
            public TableOperations temp(TableMetadata uncommitted) {
                return real.temp(uncommitted);
            }
        };
    }
}
