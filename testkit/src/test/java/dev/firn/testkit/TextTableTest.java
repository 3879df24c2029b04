package dev.firn.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class TextTableTest {
    private static final TextTable TABLE = TextTable.of("""
            id | name
            ---+-----
            1  | it's
            2  | null
            """);

    @Test
    void readsColumnsAndTrimmedCells() {
        assertThat(TABLE.columns()).containsExactly("id", "name");
        assertThat(TABLE.column("name")).containsExactly(Optional.of("it's"), Optional.empty());
    }

    @Test
    void castsEveryValueToTheTypeOfItsColumn() {
        assertThat(TABLE.insertInto("t", List.of("id bigint", "name varchar(9)"))
                        .lines())
                .containsExactly(
                        "INSERT INTO t (\"id\", \"name\") VALUES",
                        "(CAST('1' AS bigint), CAST('it''s' AS varchar(9))),",
                        "(CAST('2' AS bigint), CAST(NULL AS varchar(9)))");
    }

    @Test
    void rejectsARowWithTheWrongNumberOfCells() {
        assertThatThrownBy(() -> TextTable.of("a | b\n1"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("row needs 2 cells, got 1: [Optional[1]]");
    }
}
