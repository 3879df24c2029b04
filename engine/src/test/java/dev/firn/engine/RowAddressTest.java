package dev.firn.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class RowAddressTest {
    @Test
    void keepsFileAndPosition() {
        long last = RowAddress.of(RowAddress.MAX_FILES - 1, RowAddress.MAX_ROWS - 1);
        assertThat(RowAddress.fileOrdinal(last)).isEqualTo(RowAddress.MAX_FILES - 1);
        assertThat(RowAddress.position(last)).isEqualTo(RowAddress.MAX_ROWS - 1);
        assertThat(last).isPositive().isLessThan(Long.MAX_VALUE);
    }

    @Test
    void comparesByFileThenPosition() {
        assertThat(RowAddress.of(1, 0)).isGreaterThan(RowAddress.of(0, RowAddress.MAX_ROWS - 1));
        assertThat(RowAddress.of(1, 1)).isGreaterThan(RowAddress.of(1, 0));
        assertThat(RowAddress.of(0, 0)).isGreaterThan(RowAddress.NONE);
    }

    @Test
    void rejectsOrdinalsAndPositionsOutOfRange() {
        assertThatThrownBy(() -> RowAddress.of(RowAddress.MAX_FILES, 0)).hasMessageContaining("8388608");
        assertThatThrownBy(() -> RowAddress.of(0, RowAddress.MAX_ROWS)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> RowAddress.of(-1, 0)).isInstanceOf(IllegalArgumentException.class);
    }
}
