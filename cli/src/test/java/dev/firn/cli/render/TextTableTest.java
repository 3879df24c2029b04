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

    /// Programs read ids and names from tables too.
    @Test
    void cutsOnlyValuesIfThereIsNoTerminal() {
        assertThat(new TextTable("id").row("x".repeat(100)).lines().getLast()).isEqualTo("x".repeat(100));
        assertThat(new TextTable("text")
                        .cutLongValues()
                        .row("x".repeat(100))
                        .lines()
                        .getLast())
                .hasSize(TextTable.MAX_VALUE_WIDTH)
                .endsWith("x…");
    }

    @Test
    void fitsTheTerminalByCuttingTheWidestText() {
        TextTable table = new TextTable("view", "version", "features", "table")
                .row("customers", 12, "a, b, c, d, e, f, g, h, i, j, k", "iceberg.gold.customers");

        assertThat(table.lines(50))
                .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(50))
                .last()
                .asString()
                .contains("customers", "12", "a, b, c, d, e…", "iceberg.gold.…");
        assertThat(table.lines(200)).isEqualTo(table.lines());
    }

    @Test
    void breaksTheLastColumnOutOfATableThatIsTooWide() {
        TextTable table = new TextTable("request", "rows", "location, or why not")
                .keepLastColumnWhole()
                .row("r1", 7, "s3://lake/results/firn/r1/1/00112233445566778899aabbccddeeff")
                .row("r2", "", "UNKNOWN_VIEW --features: no view 'a' is registered; did you mean 'b'?");

        assertThat(table.lines(60))
                .containsExactly(
                        "request  rows",
                        "───────  ────",
                        "r1          7",
                        "    s3://lake/results/firn/r1/1/00112233445566778899aabbccddeeff",
                        "r2",
                        "    UNKNOWN_VIEW --features: no view 'a' is registered; did",
                        "    you mean 'b'?");
    }

    @Test
    void aTableOfVeryManyColumnsRemainsTooWide() {
        TextTable table = new TextTable("a_long_header", "another_header").row("x", "y");
        assertThat(table.lines(10)).isEqualTo(table.lines());
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
