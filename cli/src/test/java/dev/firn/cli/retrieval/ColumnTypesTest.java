package dev.firn.cli.retrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import dev.firn.cli.RegisteredViews;
import dev.firn.cli.render.Console;
import dev.firn.events.FeatureView;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

final class ColumnTypesTest {
    private static final String FEATURES = "-f customers:orders ";
    private static final Map<String, FeatureView> VIEWS = Map.of(
            "customers", RegisteredViews.view("customers", "customer_id"),
            "shops", RegisteredViews.view("shops", "shop_id"));
    private static final String LABELS = """
            customer_id,event_timestamp,churned,amount,plan,zip
            7,2024-03-01T00:00:00Z,1,2.50,gold,01234
            8,2024-03-02T00:00:00Z,0,3,silver,99999
            """;

    private final StringWriter notes = new StringWriter();

    @Test
    void namesColumnsThatComeOutAsStringsAndHowToChangeThat() {
        assertThat(types(FEATURES, LABELS)).isEmpty();
        assertThat(notes.toString().strip())
                .isEqualTo("rows.csv: churned, amount come out as strings. To change that:"
                        + " --column-type churned=int64 --column-type amount=float64; or --infer");
    }

    @Test
    void infersTypesWhenAsked() {
        assertThat(types(FEATURES + "--infer", LABELS))
                .containsExactly(entry("churned", "int64"), entry("amount", "float64"));
        assertThat(notes.toString().strip())
                .isEqualTo("Inferred: --column-type churned=int64 --column-type amount=float64");
    }

    @Test
    void aTypeThatIsGivenStands() {
        assertThat(types(FEATURES + "--infer --column-type churned=int32 --column-type amount=string", LABELS))
                .containsExactly(entry("churned", "int32"), entry("amount", "string"));
        assertThat(notes.toString()).isEmpty();
    }

    @Test
    void keysHaveTheTypesOfTheirViews() {
        String rows = "buyer,shop_id,when\n7,8,2024-03-01T00:00:00Z\n";

        assertThat(types(
                        "-f who:orders,shops:sales --alias who=customers --join-key who.customer_id=buyer"
                                + " --timestamp-column when --infer",
                        rows))
                .isEmpty();
        assertThat(types("-f unheard_of:x --timestamp-column when --infer", rows))
                .containsExactly(entry("buyer", "int64"), entry("shop_id", "int64"));
    }

    @Test
    void recognisesTypesWithoutLossOnly() {
        assertThat(types(FEATURES + "--infer", """
                        flag,big,mixed,day,local,zoned,empty,zero,exact
                        true,123456789012345678,1,2024-03-01,2024-03-01 10:00,2024-03-01T10:00:00+01:00,,007,1.5
                        False,-1,2.5e3,2024-03-02,2024-03-01T10:00:00.123,2024-03-01T10:00:00Z,,1,12345678901234567890
                        """))
                .containsExactly(
                        entry("flag", "bool"),
                        entry("big", "int64"),
                        entry("mixed", "float64"),
                        entry("day", "date"),
                        entry("local", "timestamp"),
                        entry("zoned", "timestamptz"));
    }

    @Test
    void advisesFromTheFirstRowsAndInfersFromAll() {
        String rows = "churned\n" + "1\n".repeat(2_000) + "unknown\n";

        assertThat(types(FEATURES + "--infer", rows)).isEmpty();
        assertThat(notes.toString()).isEmpty();
        assertThat(types(FEATURES, rows)).isEmpty();
        assertThat(notes.toString()).contains("churned comes out as string.");
    }

    private Map<String, String> types(String arguments, String csv) {
        Holder holder = new Holder();
        new CommandLine(holder).parseArgs(arguments.strip().split(" +"));
        Console console = new Console(new PrintWriter(Writer.nullWriter()), new PrintWriter(notes), false);
        return new ColumnTypes(holder.options, () -> VIEWS, console).of(List.of(CsvText.of("rows.csv", csv)));
    }

    @Command(name = "holder")
    static final class Holder {
        @Mixin
        RetrieveOptions options = new RetrieveOptions();
    }
}
