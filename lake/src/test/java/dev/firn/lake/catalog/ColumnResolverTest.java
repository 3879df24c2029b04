package dev.firn.lake.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.lake.catalog.ColumnResolver.Resolution;
import java.util.List;
import java.util.Optional;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ColumnResolverTest {
    private final ColumnResolver resolver = new ColumnResolver(new Schema(
            NestedField.optional(1, "customer_id", Types.LongType.get()),
            NestedField.optional(2, "Total", Types.LongType.get()),
            NestedField.optional(3, "note", Types.StringType.get()),
            NestedField.optional(4, "NOTE", Types.StringType.get())));

    @Test
    void findsWithoutCase() {
        assertThat(resolver.resolve("TOTAL"))
                .isInstanceOfSatisfying(
                        Resolution.Found.class,
                        found -> assertThat(found.column().fieldId()).isEqualTo(2));
    }

    @Test
    void caseDistinguishesNamesThatDifferOnlyInCase() {
        assertThat(resolver.resolve("NOTE"))
                .isInstanceOfSatisfying(
                        Resolution.Found.class,
                        found -> assertThat(found.column().fieldId()).isEqualTo(4));
        assertThat(resolver.resolve("Note")).isEqualTo(new Resolution.Ambiguous(List.of("note", "NOTE")));
    }

    @Test
    void offersTheNearestName() {
        assertThat(resolver.resolve("custmer_id")).isEqualTo(new Resolution.Missing(Optional.of("customer_id")));
        assertThat(resolver.resolve("revenue")).isEqualTo(new Resolution.Missing(Optional.empty()));
    }

    @ParameterizedTest
    @CsvSource({
        "orders, 'order,customers', order",
        "oredrs, 'orders,others', orders",
        "ORDERS, 'orders', orders",
        "a, 'b', b",
        "cust, 'customer_aggregates', ",
        "ab, 'ac,ad', ac",
        "x, '', "
    })
    void theNearestNameIsTheLeastEdited(String misspelt, String names, String nearest) {
        List<String> all = names.isEmpty() ? List.of() : List.of(names.split(","));
        assertThat(NearestName.of(misspelt, all)).isEqualTo(Optional.ofNullable(nearest));
    }
}
