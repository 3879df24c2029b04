package dev.firn.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

@WithStack
final class TestStackIT {
    private final TestStack stack;
    private final Trino trino;

    TestStackIT(TestStack stack, Trino trino) {
        this.stack = stack;
        this.trino = trino;
    }

    @Test
    void thereIsOneStackPerJvm() {
        assertThat(TestStack.shared()).isSameAs(stack);
    }

    @Test
    void namespacesAreUnique() {
        assertThat(TestStack.namespace()).matches("[a-z][a-z0-9]+").isNotEqualTo(TestStack.namespace());
    }

    @Test
    void writesAFixtureAndReadsItBack() {
        String table = "iceberg.%s.totals".formatted(trino.newSchema());
        trino.createTable(
                table, "id bigint, updated_at timestamp(6), total decimal(10,2), name varchar", TextTable.of("""
                id | updated_at                 | total | name
                1  | 2024-01-02 00:00:00.000001 | 22.50 | it's
                2  | null                       | null  | null
                """));
        assertThat(trino.query("SELECT id, total, name FROM %s ORDER BY id".formatted(table)))
                .containsExactly(List.of(1L, new BigDecimal("22.50"), "it's"), Arrays.asList(2L, null, null));
        assertThat(trino.query("SELECT CAST(updated_at AS varchar) FROM %s WHERE id = 1".formatted(table)))
                .containsExactly(List.of("2024-01-02 00:00:00.000001"));
    }
}
