package dev.firn.cli.render;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class PluralTest {
    @Test
    void oneThingIsSingular() {
        assertThat(Plural.of(1, "row")).isEqualTo("1 row");
        assertThat(Plural.of(0, "row")).isEqualTo("0 rows");
        assertThat(Plural.of(12_345, "row")).isEqualTo("12,345 rows");
    }
}
