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
            NestedField.optional(4, "NOTE", Types.StringType.get()),
            NestedField.optional(
                    5,
                    "Meta",
                    Types.StructType.of(
                            NestedField.optional(6, "timestamp", Types.TimestampType.withZone()),
                            NestedField.optional(
                                    7,
                                    "source",
                                    Types.StructType.of(NestedField.optional(8, "Offset", Types.LongType.get()))),
                            NestedField.optional(9, "x", Types.LongType.get()))),
            NestedField.optional(10, "meta.x", Types.LongType.get()),
            NestedField.optional(
                    11,
                    "list",
                    Types.ListType.ofOptional(
                            12, Types.StructType.of(NestedField.optional(13, "y", Types.LongType.get()))))));

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

    @ParameterizedTest
    @CsvSource({
        "Meta.timestamp, 6, Meta.timestamp",
        "meta.TIMESTAMP, 6, Meta.timestamp",
        "meta.source.offset, 8, Meta.source.Offset",
        "meta.x, 10, meta.x",
        "META.X, 10, meta.x",
    })
    void findsAFieldWithinStructsByItsPathUnlessAColumnHasThatName(String name, int id, String path) {
        assertThat(resolver.resolve(name)).isInstanceOfSatisfying(Resolution.Found.class, found -> {
            assertThat(found.column().fieldId()).isEqualTo(id);
            assertThat(found.column().name()).isEqualTo(path);
        });
    }

    @Test
    void findsNothingWithinListsAndOffersTheNearestPath() {
        assertThat(resolver.resolve("list.y")).isInstanceOf(Resolution.Missing.class);
        assertThat(resolver.resolve("meta.timestmp")).isEqualTo(new Resolution.Missing(Optional.of("Meta.timestamp")));
    }

    @Test
    void aNearNameIsNeverTheNameItself() {
        assertThat(NearestName.of("orders", List.of("orders"))).isEmpty();
        assertThat(NearestName.of("orders", List.of("orders", "Orders"))).contains("Orders");
    }

    @Test
    void offersTheNearestName() {
        assertThat(resolver.resolve("custmer_id")).isEqualTo(new Resolution.Missing(Optional.of("customer_id")));
        assertThat(resolver.resolve("revenue")).isEqualTo(new Resolution.Missing(Optional.empty()));
    }

    /// A name that is looked for is compared with all columns. A long list of wrong names must not take minutes.
    @Test
    void offersNamesForALimitedNumberOfMisses() {
        for (int i = 0; i < ColumnResolver.MAX_SUGGESTIONS; i++) {
            assertThat(resolver.resolve("custmer_id")).isEqualTo(new Resolution.Missing(Optional.of("customer_id")));
        }
        assertThat(resolver.resolve("custmer_id")).isEqualTo(new Resolution.Missing(Optional.empty()));
        assertThat(resolver.resolve("customer_id")).isInstanceOf(Resolution.Found.class);
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
