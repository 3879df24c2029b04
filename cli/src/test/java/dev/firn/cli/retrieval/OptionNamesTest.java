package dev.firn.cli.retrieval;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import dev.firn.schemas.Code;
import dev.firn.schemas.EventClasses;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class OptionNamesTest {
    @BeforeAll
    static void trustEvents() {
        EventClasses.trust();
    }

    @ParameterizedTest
    @CsvSource({
        "features[3],                  --features",
        "spine.timestamp_column,       --timestamp-column",
        "spine.column_types.churned,   --column-type churned",
        "spine.locations[0],           --spine",
        "views[1].join_keys.id,        --join-key id",
        "views[1].snapshot_id,         --snapshot",
        "pins_location,                --pins",
        "include_event_timestamps,     --event-timestamps",
        "target,                       --target",
        "spine.rows[7],                --ids",
        "spine,                        spine",
        "'',                           ''",
    })
    void namesTheOptionOfAField(String field, String option) {
        assertThat(OptionNames.option(field, SpineKind.IDS)).isEqualTo(option);
    }

    @ParameterizedTest
    @CsvSource({"ROWS, --rows", "IDS, --ids", "CSV, --columns", "TABLE, --columns"})
    void namesTheOptionThatGaveTheColumns(SpineKind spine, String option) {
        assertThat(OptionNames.option("spine.columns[0]", spine)).isEqualTo(option);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Column 'a' would be both x and y; use full_feature_names or an alias. | Column 'a' would be both x and y; use --full-feature-names or an alias.",
                "set spine.timestamp_column to one of them | set --timestamp-column to one of them",
                "leave out ref, snapshot_id and snapshot_as_of | leave out ref, --snapshot and --snapshot-as-of",
                "column 'my_snapshot_id' and view.snapshot_id_2 | column 'my_snapshot_id' and view.snapshot_id_2",
            })
    void namesOptionsInMessages(String message, String expected) {
        assertThat(OptionNames.message(message)).isEqualTo(expected);
    }

    /// The answer says only where it is: others may read that.
    @Test
    void showsTheInlineValueThatIsInvalid() {
        Spine spine = Spine.newBuilder()
                .setKind(SpineKind.IDS)
                .setColumns(List.of("shop", "id"))
                .setRows(List.of(List.of("a", "1"), List.of("b", "1x")))
                .build();
        RetrievalResult result = RetrievalResult.newBuilder()
                .setRequestId("r")
                .setRequestDigest("d")
                .setStatus(RetrievalStatus.FAILED)
                .setMessage("")
                .setCompletedAt(Instant.EPOCH)
                .setViolations(List.of(Code.SPINE_VALUE_INVALID.violation(
                        "spine.rows[1]", "[row 2 column id] the value is not a valid long: it is not an integer.")))
                .build();

        assertThat(OptionNames.in(result, spine).getViolations())
                .singleElement()
                .satisfies(shown -> {
                    assertThat(shown.getField()).isEqualTo("--ids");
                    assertThat(shown.getMessage()).endsWith("it is not an integer. The value is '1x'");
                });
        assertThat(OptionNames.in(
                                result,
                                Spine.newBuilder(spine).setRows(List.of()).build())
                        .getViolations()
                        .getFirst()
                        .getMessage())
                .endsWith("it is not an integer.");
    }
}
