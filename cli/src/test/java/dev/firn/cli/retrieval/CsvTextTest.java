package dev.firn.cli.retrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.cli.command.CommandFailure;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Rows are told from empty lines as a worker tells them.
final class CsvTextTest {
    @Test
    void anEmptyLineOfOneColumnIsARow() {
        assertThat(rows("\na\n1\n\n2\n")).containsExactly(List.of("1"), Arrays.asList((String) null), List.of("2"));
        assertThat(rows("a,b\n1,x\n\n2,y\n\n")).containsExactly(List.of("1", "x"), List.of("2", "y"));
    }

    @Test
    void oneLineOfValuesMayEndWithAnEmptyLine() {
        assertThat(CsvText.values("--ids", "1,2\n\n")).containsExactly("1", "2");
    }

    @Test
    void aTextThatEndsWithinAQuotedValueIsRefused() {
        for (String text : List.of("a,b\n1,x\n2,\"y", "a,b\n1,x\n2,\"y\"\"\n3,z\n")) {
            assertThatThrownBy(() -> rows(text))
                    .isInstanceOf(CommandFailure.class)
                    .hasMessageContaining("rows line 3: the text ends within a quoted value");
        }
        assertThatThrownBy(() -> CsvText.values("--ids", "1,\"2")).isInstanceOf(CommandFailure.class);
        assertThat(rows("a,b\n1,\"y\"\"\"")).containsExactly(List.of("1", "y\""));
    }

    @Test
    void aRowOfAnotherWidthIsRefused() {
        for (String row : List.of("2", "2,y,z")) {
            assertThatThrownBy(() -> rows("a,b\n1,x\n" + row + "\n"))
                    .isInstanceOf(CommandFailure.class)
                    .hasMessageContaining("rows line 3: the row has");
        }
    }

    private static List<List<String>> rows(String text) {
        List<List<String>> rows = new ArrayList<>();
        CsvText.of("rows", text).forEachRow(rows::add);
        return rows;
    }
}
