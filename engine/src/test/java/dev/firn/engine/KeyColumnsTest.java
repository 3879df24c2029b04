package dev.firn.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class KeyColumnsTest {
    @Test
    void rule8AnEncodedKeyMatchesOnlyItselfAndNoPrefix() {
        KeyColumns keys = KeyColumns.of(List.of(
                BytesColumn.ofStrings("1", "12", "", "123", "1"), BytesColumn.ofStrings("23", "3", "123", "", "2")));
        for (int stored = 0; stored < 5; stored++) {
            byte[] encoded = new byte[3 + (int) keys.encodedLength(stored) + 3];
            keys.encode(stored, encoded, 3);
            for (int row = 0; row < 5; row++) {
                assertThat(keys.matches(row, encoded, 3)).isEqualTo(row == stored);
            }
        }
    }
}
