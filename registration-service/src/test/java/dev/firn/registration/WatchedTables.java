package dev.firn.registration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.FeatureView;
import dev.firn.events.RegistrationRequest;
import dev.firn.events.RegistrationResult;
import dev.firn.events.TableCommit;
import dev.firn.events.TableHint;
import dev.firn.events.TableSource;
import dev.firn.events.ViewStatus;
import dev.firn.schemas.Topic;
import dev.firn.testkit.TestStack;
import dev.firn.testkit.Trino;
import java.util.function.Predicate;

/// Tables in their own schema, created and changed through Trino, and the real service that watches them. A view reads
/// the table of the same name.
final class WatchedTables implements AutoCloseable {
    final RealRegistry registry;
    final String schema;
    private final Trino trino;

    /// @param settings names and values in turn
    WatchedTables(TestStack stack, Trino trino, String... settings) {
        this.trino = trino;
        schema = trino.newSchema();
        registry = new RealRegistry(stack, settings).started();
    }

    /// The table's name in SQL.
    String name(String table) {
        return "iceberg.%s.%s".formatted(schema, table);
    }

    /// Creates a table with the columns that [Views#request] names and one row.
    void create(String table) {
        trino.execute(
                "CREATE TABLE %s (customer_id bigint, total_orders bigint, avg_order_value double, updated_at timestamp(6) with time zone)"
                        .formatted(name(table)));
        insert(table, 1, 1, 1);
    }

    /// Adds a row of that day of January 2024.
    void insert(String table, int customer, int orders, int day) {
        trino.execute("INSERT INTO %s VALUES (%d, %d, 0.5, TIMESTAMP '2024-01-0%d 00:00:00 UTC')"
                .formatted(name(table), customer, orders, day));
    }

    /// Makes the changes one by one, then sends a hint.
    void alter(String table, String... changes) {
        for (String change : changes) {
            trino.execute("ALTER TABLE %s %s".formatted(name(table), change));
        }
        hint(table);
    }

    void hint(String table) {
        registry.send(
                Topic.TABLE_HINTS,
                null,
                TableHint.newBuilder()
                        .setCatalog("iceberg")
                        .setSchema$(schema)
                        .setTableName(table)
                        .setOrigin("test")
                        .build());
    }

    RegistrationRequest.Builder request(String id, String view) {
        RegistrationRequest.Builder request = Views.request(id, view);
        return request.setSource(TableSource.newBuilder(request.getSource())
                .setSchema$(schema)
                .setTableName(view)
                .build());
    }

    /// Sends the request and waits for its answer, which must have no violations.
    RegistrationResult register(RegistrationRequest request) {
        String id = request.getRequestId();
        registry.send(request);
        RegistrationResult result = registry.results()
                .await(answer -> answer.getRequestId().equals(id), "the answer to " + id)
                .value();
        assertThat(result.getViolations()).isEmpty();
        return result;
    }

    /// The view's first record that matches; waits for it if necessary.
    FeatureView awaitView(String view, Predicate<FeatureView> wanted) {
        return registry.views()
                .await(record -> record.getName().equals(view) && wanted.test(record), "the record of " + view)
                .value();
    }

    FeatureView awaitStatus(String view, ViewStatus status) {
        return awaitView(view, record -> record.getStatus() == status);
    }

    /// The table's first commit; waits for it if necessary.
    TableCommit awaitCommit(String table) {
        return registry.reader(Topic.TABLE_COMMITS, TableCommit.class)
                .await(commit -> commit.getTableName().equals(table), "a commit of " + table)
                .value();
    }

    @Override
    public void close() {
        registry.close();
    }
}
