package dev.firn.service.spine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import dev.firn.schemas.Code;
import dev.firn.schemas.EventClasses;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class SpineSourceTest {
    @BeforeAll
    static void trustEvents() {
        EventClasses.trust();
    }

    private static final List<List<@Nullable String>> ROWS = List.of(List.of("1"));

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "UNKNOWN")
    void everyKindHasItsOwnType(SpineKind kind) {
        SpineSource source = SpineSource.of(spine(kind)
                .setLocations(kind == SpineKind.ROWS || kind == SpineKind.IDS ? List.of() : List.of("s3://lake/spine/"))
                .setTable("iceberg.gold.spine")
                .setColumns(List.of("id"))
                .setRows(ROWS)
                .build());

        assertThat(source)
                .isEqualTo(
                        switch (kind) {
                            case PARQUET -> new SpineSource.ParquetFiles(List.of("s3://lake/spine/"), List.of("id"));
                            case CSV -> new SpineSource.CsvFiles(List.of("s3://lake/spine/"), List.of("id"));
                            case TABLE -> new SpineSource.IcebergTable("iceberg.gold.spine", null, null, List.of("id"));
                            case ROWS -> new SpineSource.TimedRows(List.of("id"), new SpineSource.RowsAt.InEvent(ROWS));
                            case IDS -> new SpineSource.Ids(List.of("id"), new SpineSource.RowsAt.InEvent(ROWS));
                            case ALL -> new SpineSource.AllEntities();
                            case RANGE -> new SpineSource.Range(null, null);
                            case UNKNOWN -> throw new AssertionError(kind);
                        });
    }

    @ParameterizedTest
    @EnumSource(names = {"ROWS", "IDS"})
    void rowsOfAStandingRetrievalAreStored(SpineKind kind) {
        SpineSource source = SpineSource.of(StoredRows.spineAt(
                spine(kind).setColumns(List.of("id")).setRows(ROWS).build(), "s3://lake/results/rows.json"));

        assertThat(source)
                .isEqualTo(
                        kind == SpineKind.ROWS
                                ? new SpineSource.TimedRows(
                                        List.of("id"), new SpineSource.RowsAt.Stored("s3://lake/results/rows.json"))
                                : new SpineSource.Ids(
                                        List.of("id"), new SpineSource.RowsAt.Stored("s3://lake/results/rows.json")));
    }

    @Test
    void anEmptyInlineSpineIsASpine() {
        assertThat(SpineSource.of(spine(SpineKind.IDS).build()))
                .isEqualTo(new SpineSource.Ids(List.of(), new SpineSource.RowsAt.InEvent(List.of())));
    }

    @ParameterizedTest
    @EnumSource(names = {"PARQUET", "CSV", "TABLE"})
    void refusesAKindWithoutItsFields(SpineKind kind) {
        assertThatThrownBy(() -> SpineSource.of(spine(kind).build()))
                .isInstanceOfSatisfying(InvalidSpineException.class, invalid -> {
                    assertThat(invalid.code()).isEqualTo(Code.SPINE_INCOMPLETE);
                    assertThat(invalid.field()).isEqualTo(kind == SpineKind.TABLE ? "spine.table" : "spine.locations");
                });
    }

    @Test
    void aRangeIncludesBothItsEnds() {
        Instant at = Instant.parse("2024-01-01T00:00:00Z");

        assertThat(SpineSource.of(spine(SpineKind.RANGE).setStart(at).setEnd(at).build()))
                .isEqualTo(new SpineSource.Range(at, at));
    }

    @Test
    void refusesARangeThatStartsAfterItsEnd() {
        Instant at = Instant.parse("2024-01-01T00:00:00Z");
        Spine reversed =
                spine(SpineKind.RANGE).setStart(at.plusSeconds(1)).setEnd(at).build();

        assertThatThrownBy(() -> SpineSource.of(reversed))
                .isInstanceOfSatisfying(InvalidSpineException.class, invalid -> {
                    assertThat(invalid.code()).isEqualTo(Code.RANGE_INVALID);
                    assertThat(invalid.field()).isEqualTo("spine.start");
                });
    }

    @Test
    void refusesAKindThatThisVersionDoesNotKnow() {
        assertThatThrownBy(() -> SpineSource.of(spine(SpineKind.UNKNOWN).build()))
                .isInstanceOfSatisfying(InvalidSpineException.class, invalid -> {
                    assertThat(invalid.code()).isEqualTo(Code.SPINE_KIND_UNKNOWN);
                    assertThat(invalid.field()).isEqualTo("spine.kind");
                });
    }

    private static Spine.Builder spine(SpineKind kind) {
        return Spine.newBuilder().setKind(kind);
    }
}
