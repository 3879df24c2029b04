package dev.firn.service.result;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ResultLayoutTest {
    private static final ResultLayout LAYOUT = new ResultLayout("s3://lake/results/firn");

    @Test
    void keepsNotesBesideTheFilesOfATry() {
        assertThat(LAYOUT.filesFolder("id", 2, "token")).isEqualTo("s3://lake/results/firn/id/2/token");
        assertThat(LAYOUT.notesFolder("id", 2, "token")).isEqualTo("s3://lake/results/firn/id/2/_token");
    }

    @Test
    void readsANoteFromItsLocation() {
        for (AttemptNote.Kind kind : AttemptNote.Kind.values()) {
            AttemptNote note = new AttemptNote(12, "token", kind);
            assertThat(AttemptNote.parse(LAYOUT, "id", note.location(LAYOUT, "id")))
                    .contains(note);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "id/_manifest.json",
                "id/1/token/part-00000000.parquet",
                "id/1/token/claim.json",
                "id/1/_token/state.parquet",
                "id/1/_token/changes/part-00000000.parquet",
                "id/1/_token/deeper/claim.json",
                "id/x/_token/claim.json",
                "id/99999999999/_token/claim.json",
                "other/1/_token/claim.json"
            })
    void otherFilesAreNoNotes(String file) {
        assertThat(AttemptNote.parse(LAYOUT, "id", "s3://lake/results/firn/" + file))
                .isEmpty();
    }
}
