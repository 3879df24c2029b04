package dev.firn.retrieval.job;

import static dev.firn.retrieval.job.Given.files;
import static dev.firn.retrieval.job.Given.ids;
import static dev.firn.retrieval.job.Given.request;
import static dev.firn.retrieval.job.Given.row;
import static dev.firn.retrieval.job.Given.rows;
import static dev.firn.retrieval.job.Given.table;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.firn.engine.MemoryBudget;
import dev.firn.events.Pins;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import dev.firn.events.Violation;
import dev.firn.lake.scan.ScanSettings;
import dev.firn.schemas.Code;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.Table;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Mistakes of users. Each is answered with its code, not with a failure.
final class BadInputTest {
    private LakeFixture lake;
    private Table facts;

    @BeforeEach
    void open(@TempDir Path folder) {
        lake = new LakeFixture(folder);
        facts = lake.facts("facts", "1 | 2024-01-01 | 10");
    }

    @AfterEach
    void close() {
        lake.close();
    }

    @Test
    void aMissingSpine() {
        assertThat(codes(csv(lake.spines() + "/nothing.csv"))).containsExactly("SPINE_NOT_FOUND");
    }

    @Test
    void aSpineThatIsNotParquet() {
        String location = lake.spineFile("text.parquet", "id,event_timestamp\n");

        assertThat(codes(files(SpineKind.PARQUET, location))).containsExactly("SPINE_UNREADABLE");
    }

    @Test
    void aSpineThatIsNotUtf8() {
        String location =
                lake.spineFile("latin.csv", new byte[] {'i', 'd', ',', 'e', '\n', (byte) 0xE9, ',', '1', '\n'});

        assertThat(codes(csv(location))).contains("SPINE_UNREADABLE");
    }

    @Test
    void anEmptySpineFile() {
        assertThat(codes(csv(lake.spineFile("void.csv", "")))).containsExactly("SPINE_UNREADABLE");
    }

    @Test
    void aRowWithMoreValuesThanColumns() {
        String location = lake.spineFile("ragged.csv", "id,event_timestamp\n1,2024-01-01,3\n");

        Violation violation =
                lake.violations(request(csv(location), "facts:value")).getFirst();
        assertThat(violation.getCode()).isEqualTo("SPINE_UNREADABLE");
        assertThat(violation.getMessage()).contains("ragged.csv").contains("line 2");
    }

    @Test
    void filesWithDifferentColumns() {
        lake.spineFile("two/a.csv", "id,event_timestamp\n1,2024-01-01\n");
        lake.spineFile("two/b.csv", "id,when\n1,2024-01-01\n");

        assertThat(codes(csv(lake.spines() + "/two/"))).containsExactly("SPINE_FILES_DIFFER");
    }

    @Test
    void aSpineWithoutAKeyColumnSuggestsTheNearest() {
        Spine spine = rows(List.of("idd", "event_timestamp"), row("1", "2024-01-01"));

        Violation violation = lake.violations(request(spine, "facts:value")).getFirst();
        assertThat(violation.getCode()).isEqualTo("SPINE_KEY_MISSING");
        assertThat(violation.getSuggestion()).isEqualTo("idd");
    }

    @Test
    void aSpineWithoutTimes() {
        assertThat(codes(rows(List.of("id"), row("1")))).containsExactly("SPINE_TIMESTAMP_MISSING");
    }

    @Test
    void aTimeColumnOfAnotherType() {
        Spine spine = Spine.newBuilder(rows(List.of("id", "event_timestamp"), row("1", "5")))
                .setColumnTypes(Map.of("event_timestamp", "int64"))
                .build();

        assertThat(codes(spine)).containsExactly("SPINE_TIMESTAMP_TYPE");
    }

    @Test
    void aColumnOfATypeThatCannotBeParsedFromText() {
        Spine spine = Spine.newBuilder(rows(List.of("id", "event_timestamp", "note"), row("1", "2024-01-01", "x")))
                .setColumnTypes(Map.of("note", "list<string>"))
                .build();

        assertThat(codes(spine)).containsExactly("SPINE_COLUMN_TYPE");
    }

    @Test
    void aKeyColumnOfAnotherTypeThanTheKey() {
        Spine spine = Spine.newBuilder(rows(List.of("id", "event_timestamp"), row("1", "2024-01-01")))
                .setColumnTypes(Map.of("id", "string"))
                .build();

        assertThat(codes(spine)).containsExactly("SPINE_COLUMN_TYPE");
    }

    @Test
    void pinsThatAreGivenTwice() {
        Retrieval retrieval = new Retrieval(
                lake.catalogs(),
                new MemoryBudget(1 << 20),
                new Retrieval.Settings(
                        new RetrievalLimits(50, 2_000, 1_000L),
                        1_000,
                        new ScanSettings(1, 1_024),
                        Duration.ofSeconds(1)));
        Pins pins = Given.pins().build();
        Retrieval.Task task = new Retrieval.Task(
                request(ids("id", "1"), "facts:value").setPins(pins).build(),
                Given.NOW,
                lake.views(),
                pins,
                lake.results() + "/twice",
                new Cancellation(),
                Progress.NONE);

        RetrievalRejected rejected = catchThrowableOfType(RetrievalRejected.class, () -> retrieval.run(task));
        assertThat(rejected.violations())
                .containsExactly(Code.PINS_INVALID.violation(
                        "pins_location", "The request has both pins and pins_location; give only one."));
    }

    @Test
    void everyMistakeInASpineAtOnce() {
        Spine spine = rows(List.of("idd", "evnt", "VALUE"), row("1", "2024-01-01", "x"));

        assertThat(codes(spine))
                .containsExactlyInAnyOrder("SPINE_KEY_MISSING", "SPINE_TIMESTAMP_MISSING", "COLUMN_COLLISION");
    }

    @Test
    void aSpineOutsideTheAllowedPrefixes() {
        assertThat(codes(csv("/etc/passwd"))).containsExactly("LOCATION_NOT_ALLOWED");
        assertThat(codes(csv(lake.spines() + "-elsewhere/s.csv"))).containsExactly("LOCATION_NOT_ALLOWED");
    }

    @Test
    void aSpineLocationWithDotSegments() {
        assertThat(codes(csv(lake.spines() + "/../results/s.csv"))).containsExactly("LOCATION_INVALID");
        assertThat(codes(csv(lake.spines() + "/%2e%2e/results/s.csv"))).containsExactly("LOCATION_INVALID");
    }

    @Test
    void aSpineTableThatIsMissingOrNotAllowed() {
        assertThat(codes(table("iceberg.gold.fact"))).containsExactly("TABLE_NOT_FOUND");
        assertThat(codes(table("other.gold.facts"))).containsExactly("CATALOG_NOT_ALLOWED");
        assertThat(codes(table("facts"))).containsExactly("SPINE_INCOMPLETE");
    }

    @Test
    void anUnknownSnapshot() {
        RetrievalRequest.Builder request = request(ids("id", "1"), "facts:value")
                .setViews(List.of(Given.use("facts").setSnapshotId(42L).build()));

        assertThat(lake.codes(request)).containsExactly("SNAPSHOT_NOT_FOUND");
    }

    @Test
    void anExpiredSnapshot() {
        long expired = facts.currentSnapshot().snapshotId();
        lake.append(facts, "1 | 2024-01-02 | 11");
        facts.expireSnapshots().expireSnapshotId(expired).commit();
        RetrievalRequest.Builder request = request(ids("id", "1"), "facts:value")
                .setViews(List.of(Given.use("facts").setSnapshotId(expired).build()));

        assertThat(lake.codes(request)).containsExactly("SNAPSHOT_EXPIRED");
    }

    @Test
    void anUnknownRef() {
        RetrievalRequest.Builder request = request(ids("id", "1"), "facts:value")
                .setViews(List.of(Given.use("facts").setRef("nowhere").build()));

        assertThat(lake.codes(request)).containsExactly("REF_NOT_FOUND");
    }

    @Test
    void anUnknownZone() {
        Spine spine = Spine.newBuilder(rows(List.of("id", "event_timestamp"), row("1", "2024-01-01")))
                .setTimestampZone("Europe/Berln")
                .build();

        Violation violation = lake.violations(request(spine, "facts:value")).getFirst();
        assertThat(violation.getCode()).isEqualTo("INVALID_ZONE");
        assertThat(violation.getSuggestion()).isEqualTo("Europe/Berlin");
    }

    @Test
    void aValueOfTheWrongTypeIsLocatedButNotQuoted() {
        Violation violation = lake.violations(request(ids("id", "1", "secret"), "facts:value"))
                .getFirst();

        assertThat(violation.getCode()).isEqualTo("SPINE_VALUE_INVALID");
        assertThat(violation.getMessage())
                .contains("row 2")
                .contains("column id")
                .doesNotContain("secret");
    }

    @Test
    void tooManyInlineRows() {
        String[] values = new String[10_001];
        Arrays.fill(values, "1");

        assertThat(codes(ids("id", values))).containsExactly("SPINE_TOO_LARGE");
    }

    @Test
    void anUnknownKindOfSpine() {
        assertThat(codes(Spine.newBuilder().setKind(SpineKind.UNKNOWN).build())).containsExactly("SPINE_KIND_UNKNOWN");
    }

    @Test
    void aColumnThatTheSpineDoesNotHave() {
        String location = lake.spineFile("s.csv", "id,event_timestamp\n1,2024-01-01\n");
        Spine spine =
                Spine.newBuilder(csv(location)).setColumns(List.of("id", "wen")).build();

        assertThat(codes(spine)).containsExactly("SPINE_COLUMN_NOT_FOUND");
    }

    @Test
    void retainingASnapshotWhereThatIsNotAllowed() {
        assertThat(lake.codes(request(ids("id", "1"), "facts:value").setRetain(true)))
                .containsExactly("RETAIN_NOT_ALLOWED");
    }

    private static Spine csv(String location) {
        return files(SpineKind.CSV, location);
    }

    private List<String> codes(Spine spine) {
        return lake.codes(request(spine, "facts:value"));
    }
}
