package dev.firn.cli.retrieval;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.SpineKind;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class OptionNamesTest {
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
}
