package dev.firn.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.embedded.StackAddresses;
import dev.firn.testkit.TestStack;
import java.math.BigDecimal;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class DemoTablesIT {
    private static final int SPINE_ROWS = 500;

    private final StackAddresses stack = TestStack.shared().addresses();
    private final DemoTables tables = new DemoTables(
            "jdbc:trino://%s:%d".formatted(stack.trinoHost(), stack.trinoPort()),
            stack.trinoUser(),
            TestStack.namespace(),
            "tiny");

    @BeforeAll
    void create() {
        tables.createSchema();
        List<Long> rows =
                tables.creations(SPINE_ROWS).stream().map(tables::create).toList();
        assertThat(rows).hasSize(3).last().isEqualTo((long) SPINE_ROWS);
    }

    @AfterAll
    void drop() {
        tables.dropAll();
        tables.close();
    }

    @Test
    void holdsOneRowForEachCustomerAndDayWithRunningTotals() {
        assertThat(number("SELECT count(*) - count(DISTINCT (customer_id, updated_at)) FROM %s"))
                .isZero();
        assertThat(number("SELECT max(total_orders) FROM %s WHERE customer_id = 4"))
                .isEqualTo(number("SELECT count(*) FROM tpch.tiny.orders WHERE custkey = 4"));
        assertThat(number("""
                        SELECT count(*) FROM (
                          SELECT total_orders - lag(total_orders) OVER (PARTITION BY customer_id ORDER BY updated_at) AS step
                          FROM %s) WHERE step <= 0""")).isZero();
    }

    @Test
    void joinsEverySpineRowOnceAndLeavesSomeUnmatched() {
        var joined = tables.joinedByTrino();
        assertThat(joined).hasSize(SPINE_ROWS);
        assertThat(joined.stream().map(List::getFirst).distinct()).hasSize(SPINE_ROWS);
        assertThat(joined.stream().filter(row -> row.get(1) == null).count()).isBetween(1L, SPINE_ROWS - 1L);
        assertThat(joined.stream().map(row -> row.get(4)).filter(Objects::nonNull))
                .isNotEmpty()
                .allSatisfy(
                        revenue -> assertThat(((BigDecimal) revenue).scale()).isEqualTo(2));
    }

    @Test
    void addsOneOrderForEachCustomerInANewSnapshot() {
        List<Long> busy = tables.busyCustomers(3);
        long before = tables.currentSnapshot(DemoTables.CUSTOMERS);
        long orders = number("SELECT max(total_orders) FROM %s WHERE customer_id = " + busy.getFirst());
        tables.addOneOrderEach(busy);
        assertThat(tables.currentSnapshot(DemoTables.CUSTOMERS)).isNotEqualTo(before);
        assertThat(number("SELECT max(total_orders) FROM %s WHERE customer_id = " + busy.getFirst()))
                .isEqualTo(orders + 1);
    }

    private long number(String sql) {
        return (Long) Objects.requireNonNull(tables.rows(sql.formatted(tables.name(DemoTables.CUSTOMERS)))
                .getFirst()
                .getFirst());
    }
}
