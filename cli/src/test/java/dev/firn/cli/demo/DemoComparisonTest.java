package dev.firn.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class DemoComparisonTest {
    private static final List<String> COLUMNS = List.of("row_id", "customer_id", "total", "revenue");

    @Test
    void ignoresTheOrderOfRows() {
        DemoComparison comparison = compare(
                rows(row(2L, 7L, null, null), row(1L, 8L, 5L, new BigDecimal("1.50"))),
                rows(row(1L, 5L, new BigDecimal("1.50")), row(2L, null, null)));
        assertThat(comparison.isEqual()).isTrue();
        assertThat(comparison.values()).isEqualTo(4);
    }

    @Test
    void distinguishesNullFromAValue() {
        assertThat(compare(rows(row(1L, 8L, null, null)), rows(row(1L, 0L, null)))
                        .firstDifferences())
                .containsExactly("row 1, total: Firn has null, Trino has 0");
    }

    @Test
    void distinguishesNeighbouringDoubles() {
        double value = 0.1 + 0.2;
        assertThat(compare(rows(row(1L, 8L, value, null)), rows(row(1L, 0.3, null)))
                        .isEqual())
                .isFalse();
    }

    @Test
    void distinguishesDecimalsOfDifferentScale() {
        assertThat(compare(rows(row(1L, 8L, null, new BigDecimal("1.5"))), rows(row(1L, null, new BigDecimal("1.50"))))
                        .isEqual())
                .isFalse();
    }

    @Test
    void findsMissingAndDuplicateRows() {
        DemoComparison comparison = compare(
                rows(row(1L, 8L, null, null), row(1L, 8L, null, null)), rows(row(1L, null, null), row(2L, null, null)));
        assertThat(comparison.firstDifferences())
                .containsExactly(
                        "row 1: missing from Trino's result or duplicated in Firn's",
                        "row 2: missing from Firn's result");
    }

    private static DemoComparison compare(List<List<@Nullable Object>> found, List<List<@Nullable Object>> expected) {
        return DemoComparison.of(COLUMNS, 0, found, expected);
    }

    @SafeVarargs
    @SuppressWarnings("varargs")
    private static List<List<@Nullable Object>> rows(List<@Nullable Object>... rows) {
        return List.of(rows);
    }

    private static List<@Nullable Object> row(@Nullable Object... values) {
        return Arrays.asList(values);
    }
}
