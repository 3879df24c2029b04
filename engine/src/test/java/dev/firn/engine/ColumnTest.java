package dev.firn.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class ColumnTest {
    private static final int[] ROWS = {2, -1, 0, 0, 1};

    @Test
    void takesRowsInAnyOrderWithRepeatsAndHoles() {
        assertThat(LongColumn.of(10, 11, 12).take(ROWS).values()).containsExactly(12, 0, 10, 10, 11);
        assertThat(IntColumn.of(10, 11, 12).take(ROWS).values()).containsExactly(12, 0, 10, 10, 11);
        assertThat(FloatColumn.of(10, 11, 12).take(ROWS).values()).containsExactly(12, 0, 10, 10, 11);
        assertThat(DoubleColumn.of(10, 11, 12).take(ROWS).values()).containsExactly(12, 0, 10, 10, 11);
        assertThat(BooleanColumn.of(true, false, true).take(ROWS).values())
                .containsExactly(true, false, true, true, false);
        BytesColumn strings = BytesColumn.ofStrings("a", "", "ccc").take(ROWS);
        assertThat(List.of(strings.string(0), strings.string(2), strings.string(3), strings.string(4)))
                .containsExactly("ccc", "a", "a", "");
        assertThat(new ObjectColumn(new Object[] {"a", "b", "c"}, 3, Nulls.NONE)
                        .take(ROWS)
                        .values())
                .containsExactly("c", null, "a", "a", "b");
        assertThat(strings.nulls().count()).isEqualTo(1);
        assertThat(strings.isNull(1)).isTrue();
    }

    @Test
    void rule4ATakenNullStaysNull() {
        Column column = new LongColumn.Builder(2).append(5).appendNull().build();
        Column taken = column.take(new int[] {1, 0, 1});
        assertThat(taken.nulls().count()).isEqualTo(2);
        assertThat(taken.isNull(0)).isTrue();
        assertThat(taken.isNull(1)).isFalse();
        assertThat(taken.isNull(2)).isTrue();
    }

    @Test
    void buildersGrowBeyondTheExpectedSize() {
        LongColumn.Builder longs = new LongColumn.Builder(0);
        BytesColumn.Builder bytes = new BytesColumn.Builder(0);
        ObjectColumn.Builder objects = new ObjectColumn.Builder(0);
        for (int i = 0; i < 1000; i++) {
            if (i % 7 == 0) {
                longs.appendNull();
                bytes.appendNull();
                objects.appendNull();
            } else {
                longs.append(i);
                bytes.append("row " + i);
                objects.append(i);
            }
        }
        for (Column column : List.of(longs.build(), bytes.build(), objects.build())) {
            assertThat(column.size()).isEqualTo(1000);
            assertThat(column.nulls().count()).isEqualTo(143);
            assertThat(column.isNull(994)).isTrue();
            assertThat(column.isNull(999)).isFalse();
        }
        assertThat(longs.build().values()[999]).isEqualTo(999);
        assertThat(bytes.build().string(999)).isEqualTo("row 999");
        assertThat(objects.build().values()[999]).isEqualTo(999);
    }

    @Test
    void theFirstOffsetMayBeAny() {
        BytesColumn column = new BytesColumn(
                "xxabcc".getBytes(java.nio.charset.StandardCharsets.UTF_8), new int[] {2, 3, 3, 6}, 3, Nulls.NONE);
        assertThat(column.string(0)).isEqualTo("a");
        assertThat(column.length(1)).isZero();
        assertThat(column.take(new int[] {2, 1}).string(0)).isEqualTo("bcc");
    }

    @Test
    void rejectsArraysThatAreTooShort() {
        assertThatThrownBy(() -> new LongColumn(new long[2], 3, Nulls.NONE)).hasMessage("column needs 3 values, got 2");
        assertThatThrownBy(() -> new BytesColumn(new byte[2], new int[] {0, 3}, 1, Nulls.NONE))
                .hasMessageContaining("outside");
        assertThatThrownBy(() -> Nulls.of(new long[1], 65)).hasMessageContaining("65 rows");
    }

    @Test
    void ignoresNullBitsBeyondTheSize() {
        assertThat(Nulls.of(new long[] {-1L}, 3).count()).isEqualTo(3);
        assertThat(Nulls.of(new long[] {-8L}, 3)).isSameAs(Nulls.NONE);
        assertThat(Nulls.all(130).count()).isEqualTo(130);
        assertThat(Nulls.all(0)).isSameAs(Nulls.NONE);
    }
}
