package dev.firn.retrieval.job;

import static dev.firn.retrieval.job.Given.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.PreviousRun;
import dev.firn.events.RefreshKind;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.ViewOutcome;
import dev.firn.service.result.Manifest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.RewriteFiles;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A run of a standing retrieval starts from its predecessor, and runs in full where it cannot.
final class RefreshTest {
    private static final Instant NOW = Instant.parse("2024-06-01T12:00:00Z");
    private static final RetrievalRequest.Builder REQUEST = request(
            Given.idsAndTimes(
                    "1 2024-01-02T00:00:00Z",
                    "2 2024-01-02T00:00:00Z",
                    "3 2024-01-02T00:00:00Z",
                    "1 2024-01-05T00:00:00Z"),
            "facts:value");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private LakeFixture lake;
    private Table facts;
    private DataFile first;
    private RefreshRuns runs;

    @BeforeEach
    void firstRun() {
        lake = new LakeFixture(folder);
        facts = table("facts");
        first = lake.append(facts, "1 | 2024-01-01T00:00:00Z | 10", "2 | 2024-01-01T00:00:00Z | 20");
        lake.append(facts, "9 | 2024-01-01T00:00:00Z | 90");
        runs = new RefreshRuns(lake, "daily");
        Completed completed = runs.run(REQUEST, NOW);
        assertThat(view(completed).getRefresh()).isEqualTo(RefreshKind.FULL);
        assertThat(view(completed).getRefreshReason()).isEqualTo("there is no successful run before it");
    }

    private Table table(String name) {
        Table table = lake.table(name, LakeFixture.FACTS);
        lake.register(lake.view(table, List.of("id"), List.of("value")));
        return table;
    }

    @AfterEach
    void close() {
        lake.close();
    }

    private static ViewOutcome view(Completed completed) {
        return completed.views().getFirst();
    }

    private List<String> values(Completed completed) {
        return ResultTable.read(completed).column("value");
    }

    /// The next run is incremental and right.
    private ViewOutcome incremental(String... values) {
        Completed completed = runs.run(REQUEST, NOW);
        assertThat(view(completed).getRefresh())
                .as(view(completed).getRefreshReason())
                .isEqualTo(RefreshKind.INCREMENTAL);
        assertThat(view(completed).getRefreshReason()).isEmpty();
        assertThat(values(completed)).containsExactly(values);
        assertThat(completed.digest()).isEqualTo(runs.full(REQUEST, NOW).digest());
        return view(completed);
    }

    private void full(RetrievalRequest.Builder request, String reason) {
        Completed completed = runs.run(request, NOW);
        assertThat(view(completed).getRefresh()).isEqualTo(RefreshKind.FULL);
        assertThat(view(completed).getRefreshReason()).contains(reason);
        assertThat(completed.digest()).isEqualTo(runs.full(request, NOW).digest());
    }

    private void full(String reason) {
        full(REQUEST, reason);
    }

    @Test
    void keepsEverythingIfNothingChanged() {
        ViewOutcome view = incremental("10", "20", "null", "10");
        assertThat(view.getRowsKept()).isEqualTo(3);
        assertThat(view.getFilesRead()).isZero();
    }

    @Test
    void countsWhatItReadsOfThePreviousRun() {
        Manifest previous = runs.manifest();
        long state = Objects.requireNonNull(previous.state()).bytes();
        long result = previous.result().getFiles().getFirst().getBytes();

        ViewOutcome view = incremental("10", "20", "null", "10");

        assertThat(view.getBytesRead()).isBetween(state + 1, 2 * (state + result));
        assertThat(view.getBytesRead()).isGreaterThan(state + result / 2);
        lake.append(facts, "3 | 2024-01-01T00:00:00Z | 30");
        assertThat(incremental("10", "20", "30", "10").getBytesRead()).isGreaterThan(view.getBytesRead());
    }

    @Test
    void readsOnlyTheFileThatCame() {
        lake.append(facts, "1 | 2024-01-04T00:00:00Z | 11", "3 | 2024-01-01T00:00:00Z | 30");
        ViewOutcome view = incremental("10", "20", "30", "11");
        assertThat(view.getFilesRead()).isEqualTo(1);
        assertThat(view.getRowsKept()).isEqualTo(2);
        assertThat(view.getRowsReplaced()).isEqualTo(2);
        assertThat(view.getRowsLookedUp()).isZero();
    }

    @Test
    void looksUpAfreshWhatAPositionDeleteHit() {
        TableFiles.deletePositions(facts, first, 0);
        ViewOutcome view = incremental("null", "20", "null", "null");
        assertThat(view.getRowsLookedUp()).isEqualTo(2);
        assertThat(view.getRowsKept()).isEqualTo(1);
    }

    @Test
    void looksNothingUpForAKeyThatADeleteEmptied() {
        TableFiles.deleteEqual(facts, "id", "2");
        ViewOutcome view = incremental("10", "null", "null", "10");
        assertThat(view.getRowsKept()).isEqualTo(2);
        assertThat(view.getRowsLookedUp()).isZero();
    }

    @Test
    void goesBackWithTheTable() {
        long before = facts.currentSnapshot().snapshotId();
        lake.append(facts, "1 | 2024-01-04T00:00:00Z | 11");
        incremental("10", "20", "null", "11");
        facts.manageSnapshots().rollbackTo(before).commit();
        incremental("10", "20", "null", "10");
    }

    @Test
    void passesOverACompaction() {
        DataFile all = compact();
        lake.append(facts, "1 | 2024-01-04T00:00:00Z | 11");
        ViewOutcome view = incremental("10", "20", "null", "11");
        assertThat(view.getFilesRead()).isEqualTo(1);
        assertThat(view.getRowsKept()).isEqualTo(2);

        TableFiles.deletePositions(facts, all, 2);
        assertThat(incremental("10", "null", "null", "11").getRowsLookedUp()).isEqualTo(1);
    }

    private DataFile compact() {
        DataFile all = TableFiles.write(
                facts,
                "9 | 2024-01-01T00:00:00Z | 90",
                "1 | 2024-01-01T00:00:00Z | 10",
                "2 | 2024-01-01T00:00:00Z | 20");
        RewriteFiles rewrite = facts.newRewrite().addFile(all);
        facts.newScan().planFiles().forEach(task -> rewrite.deleteFile(task.file()));
        rewrite.commit();
        return all;
    }

    @Test
    void findsDeletesOfWhatACompactionWrote() {
        TableFiles.deletePositions(facts, compact(), 2);
        assertThat(incremental("10", "null", "null", "10").getRowsLookedUp()).isEqualTo(1);
    }

    @Test
    void readsACompactionIfRowsWereDeletedBefore() {
        TableFiles.deletePositions(facts, first, 0);
        DataFile rest = TableFiles.write(facts, "9 | 2024-01-01T00:00:00Z | 90", "2 | 2024-01-01T00:00:00Z | 20");
        RewriteFiles rewrite = facts.newRewrite()
                .validateFromSnapshot(facts.currentSnapshot().snapshotId())
                .addFile(rest);
        facts.newScan().planFiles().forEach(task -> rewrite.deleteFile(task.file()));
        rewrite.commit();
        incremental("null", "20", "null", "null");
    }

    /// The last of tied rows wins, in the order of sequence number, path and position.
    @Test
    void looksTiedRowsUpAfreshAfterACompaction() {
        lake.append(facts, "1 | 2024-01-01T00:00:00Z | 11");
        incremental("11", "20", "null", "11");
        DataFile all = TableFiles.write(
                facts,
                "1 | 2024-01-01T00:00:00Z | 11",
                "1 | 2024-01-01T00:00:00Z | 10",
                "9 | 2024-01-01T00:00:00Z | 90",
                "2 | 2024-01-01T00:00:00Z | 20");
        RewriteFiles rewrite = facts.newRewrite().addFile(all);
        facts.newScan().planFiles().forEach(task -> rewrite.deleteFile(task.file()));
        rewrite.commit();
        ViewOutcome view = incremental("10", "20", "null", "10");
        assertThat(view.getRowsLookedUp()).isEqualTo(2);
        assertThat(view.getRowsKept()).isEqualTo(1);
    }

    /// Its new sequence number makes it the last of tied rows.
    @Test
    void readsAFileWhosePathComesAgain() {
        lake.append(facts, "1 | 2024-01-01T00:00:00Z | 11");
        incremental("11", "20", "null", "11");
        facts.newDelete().deleteFile(first).commit();
        facts.newAppend().appendFile(first).commit();
        incremental("10", "20", "null", "10");
    }

    /// The same values in another file: the earlier winner is gone, and nothing tied with it.
    @Test
    void replacesAWinnerByItsCopy() {
        DataFile copy = TableFiles.write(facts, "1 | 2024-01-01T00:00:00Z | 12", "2 | 2024-01-01T00:00:00Z | 20");
        facts.newOverwrite().deleteFile(first).addFile(copy).commit();
        ViewOutcome view = incremental("12", "20", "null", "12");
        assertThat(view.getRowsReplaced()).isEqualTo(3);
        assertThat(view.getRowsLookedUp()).isZero();
    }

    @Test
    void startsFromIncrementalRunsToo() {
        for (int day = 2; day < 5; day++) {
            lake.append(facts, "1 | 2024-01-0%d | 1%d".formatted(day, day).replace(" | 1", "T00:00:00Z | 1"));
            incremental("12", "20", "null", "1" + day);
        }
    }

    @Test
    void runsInFullIfTheStateIsDamaged() throws IOException {
        Path state = path(Objects.requireNonNull(runs.manifest().state()).location());
        byte[] bytes = Files.readAllBytes(state);
        bytes[bytes.length / 2] ^= 1;
        Files.write(state, bytes);
        full("its state does not match its checksum");
        incremental("10", "20", "null", "10");
    }

    @Test
    void runsInFullIfTheStateIsGone() throws IOException {
        Files.delete(path(Objects.requireNonNull(runs.manifest().state()).location()));
        full("state.parquet");
    }

    @Test
    void runsInFullIfTheResultIsGone() throws IOException {
        Files.delete(path(runs.manifest().result().getFiles().getFirst().getLocation()));
        full("part-00000000.parquet");
        incremental("10", "20", "null", "10");
    }

    @Test
    void runsInFullIfTheResultIsCut() throws IOException {
        Path file = path(runs.manifest().result().getFiles().getFirst().getLocation());
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, java.util.Arrays.copyOf(bytes, bytes.length - 1));
        full("bytes instead of");
    }

    @Test
    void runsInFullIfTheResultIsDamaged() throws IOException {
        Path file = path(runs.manifest().result().getFiles().getFirst().getLocation());
        byte[] bytes = Files.readAllBytes(file);
        for (int i = 4; i < bytes.length / 2; i++) {
            bytes[i] ^= 0x55;
        }
        Files.write(file, bytes);
        full("");
    }

    @Test
    void runsInFullIfTheManifestIsGoneOrOfAnotherRequest() throws IOException {
        PreviousRun previous = Objects.requireNonNull(runs.previous());
        runs.startFrom(new PreviousRun("daily.r7.0123456789abcdef", previous.getManifestLocation()));
        full("another request");
        runs.startFrom(new PreviousRun(previous.getRequestId(), "s3://elsewhere/_manifest.json"));
        full("not below the results");
        Files.delete(path(previous.getManifestLocation()));
        runs.startFrom(previous);
        full("_manifest.json");
    }

    @Test
    void runsInFullIfTheStateIsOfAnotherFormat() throws IOException {
        Path manifest = path(Objects.requireNonNull(runs.previous()).getManifestLocation());
        Files.writeString(
                manifest,
                Files.readString(manifest, StandardCharsets.UTF_8).replace("\"format\" : 2", "\"format\" : 99"),
                StandardCharsets.UTF_8);
        full("format 99 instead of 2");
    }

    @Test
    void runsInFullForAnotherDefinition() {
        full(RetrievalRequest.newBuilder(REQUEST.build()).setIncludeEventTimestamps(true), "the definition changed");
    }

    @Test
    void runsInFullIfAColumnIsPromoted() {
        facts.updateSchema().updateColumn("value", Types.LongType.get()).commit();
        lake.register(lake.view(facts, List.of("id"), List.of("value")));
        full("the definition changed");
    }

    @Test
    void runsInFullIfItsTimeWentBack() {
        Completed completed = runs.run(REQUEST, NOW.minusSeconds(1));
        assertThat(view(completed).getRefreshReason()).isEqualTo("its time went back");
    }

    @Test
    void runsInFullIfTheSettingIsOff() {
        runs.with(new Refresh.Settings(false, 50, lake.results() + "/test"));
        full("firn.refresh.incremental is off");
        assertThat(runs.manifest().state()).isNull();
        runs.with(new Refresh.Settings(true, 50, lake.results() + "/test"));
        full("it left no state");
    }

    @Test
    void runsInFullIfTooMuchChanged() {
        runs.with(new Refresh.Settings(true, 1, lake.results() + "/test"));
        lake.append(facts, "1 | 2024-01-04T00:00:00Z | 11");
        full("more than 1 % of the bytes would be read again");
    }

    @Test
    void countsOnlyKeysAndTimesOfRowsThatAreGone() {
        TableFiles.deletePositions(facts, first, 1);
        runs.with(new Refresh.Settings(true, 60, lake.results() + "/test"));
        full("more than 60 % of the bytes would be read again");
        TableFiles.deletePositions(facts, first, 0);
        runs.with(new Refresh.Settings(true, 70, lake.results() + "/test"));
        incremental("null", "null", "null", "null");
    }

    @Test
    void runsInFullIfTheSnapshotExpired() {
        facts.newDelete().deleteFile(first).commit();
        facts.expireSnapshots()
                .expireOlderThan(System.currentTimeMillis() + 1)
                .retainLast(1)
                .commit();
        full("expired");
    }

    @Test
    void refreshesATableThatHadNoSnapshot() {
        Table empty = table("empty");
        RetrievalRequest.Builder request = request(Given.idsAndTimes("1 2024-01-02T00:00:00Z"), "empty:value");
        RefreshRuns other = new RefreshRuns(lake, "other");
        other.run(request, NOW);
        lake.append(empty, "1 | 2024-01-01T00:00:00Z | 10");
        Completed completed = other.run(request, NOW);
        assertThat(view(completed).getRefresh()).isEqualTo(RefreshKind.INCREMENTAL);
        assertThat(values(completed)).containsExactly("10");
    }

    private static Path path(String location) {
        return Path.of(location.replaceFirst("^file:", ""));
    }
}
