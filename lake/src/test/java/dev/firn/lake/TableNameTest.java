package dev.firn.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TableNameTest {
    @Test
    void readsAndPrintsThreeParts() {
        TableName name = TableName.parse("iceberg.gold.orders");
        assertThat(name).isEqualTo(new TableName("iceberg", "gold", "orders"));
        assertThat(name).hasToString("iceberg.gold.orders");
    }

    @Test
    void aSchemaMayHaveLevels() {
        assertThat(TableName.parse("nessie.lake.gold.orders"))
                .isEqualTo(new TableName("nessie", "lake.gold", "orders"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "orders", "gold.orders", ".gold.orders", "iceberg..orders", "iceberg.gold.", "a.b..c"})
    void anythingElseIsRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> TableName.parse(text));
    }

    @Test
    void controlCharactersAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new TableName("iceberg", "gold", "orders\n"));
    }
}
