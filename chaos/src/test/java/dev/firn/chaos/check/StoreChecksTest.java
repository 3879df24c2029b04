package dev.firn.chaos.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.chaos.check.StoreChecks.File;
import dev.firn.chaos.store.StoreWrite;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Each check finds nothing in a sound store, and what is wrong in a broken one.
final class StoreChecksTest {
    private static final StoreWrite CREATED = write("PUT", true, 200);
    private static final File PART = new File("s3://lake/r/1/part-0.parquet", 10, "aa");

    @Test
    void acceptsAManifestThatIsCreatedOnceAndRefusedAfterwards() {
        assertThat(StoreChecks.manifestsNotDecidedOnce(
                        List.of(write("PUT", true, 500), CREATED, write("PUT", true, 412))))
                .isEmpty();
    }

    @Test
    void findsAManifestThatIsWrittenTwice() {
        assertThat(StoreChecks.manifestsNotDecidedOnce(List.of(CREATED, CREATED)))
                .singleElement()
                .asString()
                .contains("lake/r/_manifest.json was written 2 times");
    }

    @Test
    void findsAManifestThatIsWrittenWithoutAConditionOrDeleted() {
        assertThat(StoreChecks.manifestsNotDecidedOnce(List.of(write("PUT", false, 200))))
                .hasSize(1);
        assertThat(StoreChecks.manifestsNotDecidedOnce(List.of(CREATED, write("DELETE", false, 204))))
                .hasSize(2);
    }

    @Test
    void findsFilesThatAreMissingDifferentOrTooMany() {
        assertThat(StoreChecks.filesNotAsInManifest("r", List.of(PART), List.of(PART)))
                .isEmpty();
        assertThat(StoreChecks.filesNotAsInManifest("r", List.of(PART), List.of()))
                .containsExactly("'r': s3://lake/r/1/part-0.parquet is missing");
        assertThat(StoreChecks.filesNotAsInManifest("r", List.of(PART), List.of(new File(PART.location(), 10, "bb"))))
                .singleElement()
                .asString()
                .contains("expected", "found");
        assertThat(StoreChecks.filesNotAsInManifest("r", List.of(), List.of(PART)))
                .containsExactly("'r': s3://lake/r/1/part-0.parquet is not in the manifest");
    }

    @Test
    void findsContentThatDiffersFromARunWithoutFaults() {
        assertThat(StoreChecks.wrongContent(Map.of("r", "x"), Map.of("r", "x"))).isEmpty();
        assertThat(StoreChecks.wrongContent(Map.of("r", "y"), Map.of("r", "x")))
                .containsExactly("'r' has content y, without faults x");
        assertThat(StoreChecks.wrongContent(Map.of(), Map.of("r", "x"))).hasSize(1);
    }

    private static StoreWrite write(String method, boolean conditional, int status) {
        return new StoreWrite(method, "lake/r/_manifest.json", conditional, status, null, 0);
    }
}
