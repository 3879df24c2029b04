package dev.firn.cli.retrieval;

import static org.assertj.core.api.Assertions.assertThat;

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

    private static List<List<String>> rows(String text) {
        List<List<String>> rows = new ArrayList<>();
        CsvText.of("rows", text).forEachRow(rows::add);
        return rows;
    }
}
