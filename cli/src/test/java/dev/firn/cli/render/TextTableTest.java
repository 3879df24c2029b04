package dev.firn.cli.render;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

final class TextTableTest {
    @Test
    void alignsNumbersToTheRightAndTextToTheLeft() {
        TextTable table =
                new TextTable("customer_id", "clerk").row(7, "Clerk#1").row(1234, "Clerk#22");
        assertThat(table.lines())
                .containsExactly(
                        "customer_id  clerk", "───────────  ────────", "          7  Clerk#1", "       1234  Clerk#22");
    }

    @Test
    void showsNullsAndStillAlignsNumbersToTheRight() {
        TextTable table = new TextTable("total").row(10L).row((Object) null);
        assertThat(table.lines()).containsExactly("total", "─────", "   10", " null");
    }

    @Test
    void truncatesLongCells() {
        String line = new TextTable("text").row("x".repeat(100)).lines().getLast();
        assertThat(line).hasSize(TextTable.MAX_CELL_WIDTH).endsWith("x…");
    }

    @Test
    void keepsTheLastColumnWholeIfAsked() {
        String line = new TextTable("a", "location")
                .keepLastColumnWhole()
                .row("x", "y".repeat(100))
                .lines()
                .getLast();
        assertThat(line).endsWith("y".repeat(100));
    }

    @Test
    void replacesControlCharactersInValues() {
        String line = new TextTable("text").row("a\nb\u001B[31mc").lines().getLast();
        assertThat(line).isEqualTo("a b [31mc");
    }

    @Test
    void rejectsARowOfDifferentLength() {
        TextTable table = new TextTable("a", "b");
        assertThatIllegalArgumentException().isThrownBy(() -> table.row(1)).withMessage("expected 2 values, got 1");
    }
}
