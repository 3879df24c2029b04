package dev.firn.registration.validation;

import dev.firn.events.TableSource;
import dev.firn.registration.validation.TrinoClient.TrinoAwayException;
import dev.firn.registration.validation.TrinoClient.TrinoRefusedException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Answers about every table as a test sets it; at first as if the table of [LocalTables] existed.
final class FakeTrino implements TrinoTable, Function<TableSource, TrinoTable> {
    Supplier<@Nullable String> connector = () -> "iceberg";
    Supplier<List<String>> columns = () -> List.of("customer_id", "total_orders", "avg_order_value", "updated_at");
    Supplier<@Nullable Long> snapshotId = () -> null;
    Supplier<RowCounts> counts = () -> new RowCounts(0, 0, 0, 0);
    List<String> schemas = List.of("gold");
    List<String> tables = List.of("customer_aggregates");
    final AtomicInteger columnQueries = new AtomicInteger();
    final AtomicInteger countQueries = new AtomicInteger();
    final AtomicReference<RowSample> counted = new AtomicReference<>();

    static TrinoAwayException away() {
        return new TrinoAwayException("away", new IllegalStateException());
    }

    static TrinoRefusedException refused() {
        return new TrinoRefusedException("Access Denied", new IllegalStateException());
    }

    @Override
    public TrinoTable apply(TableSource source) {
        return this;
    }

    @Override
    public @Nullable String connector() {
        return connector.get();
    }

    @Override
    public List<String> columns() {
        columnQueries.incrementAndGet();
        return columns.get();
    }

    @Override
    public List<String> schemas() {
        return schemas;
    }

    @Override
    public List<String> tables() {
        return tables;
    }

    @Override
    public @Nullable Long snapshotId(String ref) {
        return snapshotId.get();
    }

    @Override
    public @Nullable String anyFilePath() {
        return null;
    }

    @Override
    public RowCounts count(RowSample sample, Duration limit) {
        countQueries.incrementAndGet();
        counted.set(sample);
        return counts.get();
    }
}
