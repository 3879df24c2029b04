package dev.firn.service.spine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import dev.firn.schemas.Limits;
import dev.firn.service.event.EventSize;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

final class StoredRowsTest {
    private final StoredRows rows =
            new StoredRows(List.of("id", "note"), List.of(List.of("1", ""), Arrays.asList("2", null)));

    /// The form is a contract between services of different versions, and the location is part of a run's digest.
    @Test
    void isTheSameDocumentAtTheSameLocationInEveryVersion() {
        byte[] content = rows.toBytes();

        assertThat(new String(content, StandardCharsets.UTF_8))
                .isEqualTo("{\"columns\":[\"id\",\"note\"],\"rows\":[[\"1\",\"\"],[\"2\",null]]}");
        assertThat(StoredRows.location("s3://lake/firn-spines/firn", "daily", content))
                .isEqualTo(
                        "s3://lake/firn-spines/firn/daily/926f7ca70b189092606ac5101162a832a9dea1a339947a1d9b145d91608603ff.json");
    }

    @Test
    void readsBackWhatItWrites() {
        assertThat(StoredRows.parse(rows.toBytes(), "s3://lake/rows.json")).isEqualTo(rows);
    }

    /// A null takes one byte in an event and five in JSON, a control character one and six.
    @Test
    void whatAnEventHoldsCanAlwaysBeReadBack() {
        for (String value : Arrays.asList(null, "", "\u0001".repeat(80), "\"", "é")) {
            int columns = 86;
            List<String> row = Collections.nCopies(columns, value);
            Spine spine = Spine.newBuilder()
                    .setKind(SpineKind.ROWS)
                    .setColumns(Collections.nCopies(columns, "\u0001"))
                    .setRows(List.of())
                    .build();
            int bytesOfARow = EventSize.of(
                            Spine.newBuilder(spine).setRows(List.of(row, row)).build())
                    - EventSize.of(Spine.newBuilder(spine).setRows(List.of(row)).build());
            int rows = (Limits.EVENT_BYTES - EventSize.of(spine)) / bytesOfARow;
            Spine largest = Spine.newBuilder(spine)
                    .setRows(Collections.nCopies(rows, row))
                    .build();
            assertThat(EventSize.of(largest)).isBetween(Limits.EVENT_BYTES * 9 / 10, Limits.EVENT_BYTES);

            assertThat(StoredRows.of(largest).toBytes().length).isLessThanOrEqualTo(StoredRows.MAX_BYTES);
        }
    }

    @Test
    void refusesOtherDocuments() {
        for (String broken : List.of("", "{", "[]", "{\"rows\": 1}")) {
            assertThatThrownBy(() -> StoredRows.parse(broken.getBytes(StandardCharsets.UTF_8), "s3://lake/rows.json"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("s3://lake/rows.json");
        }
    }
}
