package dev.firn.lake.catalog;

import static dev.firn.lake.catalog.LakeFixture.ORDERS;
import static dev.firn.lake.catalog.LakeFixture.append;
import static dev.firn.lake.catalog.LakeFixture.compact;
import static dev.firn.lake.catalog.LakeFixture.deletes;
import static dev.firn.lake.catalog.LakeFixture.head;
import static dev.firn.lake.catalog.LakeFixture.rows;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.engine.MemoryBudget;
import dev.firn.lake.LakeOutage;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.ExpireSnapshots;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What happened between two looks if every snapshot between them has expired.
final class FileSetsTest {
    private LakeFixture lake;
    private Table table;
    private DataFile first;
    private TableState before;
    private String location;

    @BeforeEach
    void open(@TempDir Path folder) {
        lake = new LakeFixture(folder);
        table = lake.create(ORDERS);
        append(table, 3);
        first = append(table, 10);
        LakeTable look = lake.look();
        before = CommitWalk.state(look, null);
        location = look.metadataLocation();
    }

    @AfterEach
    void close() {
        lake.close();
    }

    @Test
    void addedFilesAreAnAppend() {
        append(table, 5);
        append(table, 6);
        expireAllButTheNewest();
        expect(ChangeKind.APPEND, true, head(table));
    }

    @Test
    void theSameFilesInOtherManifestsAreTheSameRows() {
        DataFile passing = append(table, 5);
        table.newDelete().deleteFile(passing).commit();
        table.rewriteManifests().clusterBy(file -> 0).commit();
        expireAllButTheNewest();
        expect(ChangeKind.COMPACTION, false, Objects.requireNonNull(before.contentSnapshotId()));
    }

    @Test
    void removedFilesAreContent() {
        table.newDelete().deleteFile(first).commit();
        append(table, 5);
        expireAllButTheNewest();
        expect(ChangeKind.CONTENT, true, head(table));
    }

    @Test
    void addedDeletesAreContent() {
        table.newRowDelta().addDeletes(deletes(table, 1)).commit();
        append(table, 5);
        expireAllButTheNewest();
        expect(ChangeKind.CONTENT, true, head(table));
    }

    @Test
    void theNewestCommitAloneAsACompactionOfTheEarlierFilesIsACompaction() {
        DataFile passing = append(table, 5);
        table.newDelete().deleteFile(passing).commit();
        compact(table, first);
        expireAllButTheNewest();
        expect(ChangeKind.COMPACTION, false, Objects.requireNonNull(before.contentSnapshotId()));
    }

    @Test
    void aCompactionOfOtherFilesThanTheEarlierOnesIsContent() {
        DataFile updated = rows(table, 10);
        table.newOverwrite().deleteFile(first).addFile(updated).commit();
        compact(table, updated);
        expireAllButTheNewest();
        expect(ChangeKind.CONTENT, true, head(table));
    }

    @Test
    void aCompactionThatCannotBeWalkedCountsAsContent() {
        DataFile whole = compact(table, first);
        compact(table, whole);
        expireAllButTheNewest();
        expect(ChangeKind.CONTENT, true, head(table));
    }

    @Test
    void aFileThatIsRemovedAndAddedAgainIsContentBecauseOtherDeletesApplyToIt() {
        table.newDelete().deleteFile(first).commit();
        table.newAppend().appendFile(first).commit();
        expireAllButTheNewest();
        expect(ChangeKind.CONTENT, true, head(table));
    }

    @Test
    void aTableThatStartedOverSharesNoFileAndIsReplaced() {
        var replacement = lake.writer.newReplaceTableTransaction(
                LakeFixture.identifier(ORDERS), LakeFixture.SCHEMA, PartitionSpec.unpartitioned(), false);
        replacement.newAppend().appendFile(rows(table, 7)).commit();
        replacement.commitTransaction();
        expireAllButTheNewest();
        expect(ChangeKind.REPLACED, true, head(table));
    }

    @Test
    void anotherSchemaOutweighsTheFiles() {
        append(table, 5);
        table.updateSchema().addColumn("note", Types.StringType.get()).commit();
        append(table, 6);
        expireAllButTheNewest();
        expect(ChangeKind.SCHEMA, true, head(table));
    }

    @Test
    void anEarlierSnapshotThatIsStillListedNeedsNoMetadataFile() {
        append(table, 5);
        long middle = head(table);
        append(table, 6);
        expire(middle);
        assertThat(since(null).kind()).isEqualTo(ChangeKind.APPEND);
    }

    @Test
    void rowsAreAppendedToATableWithoutSnapshot(@TempDir Path folder) {
        try (LakeFixture other = new LakeFixture(folder)) {
            table = other.create(ORDERS);
            before = CommitWalk.state(other.look(), null);
            append(table, 5);
            append(table, 6);
            append(table, 7);
            expireAllButTheNewest();
            TableChange change = other.catalogs.between(other.look(), null, before, null);
            assertThat(change.kind()).isEqualTo(ChangeKind.APPEND);
            assertThat(change.contentChanged()).isTrue();
        }
    }

    @Test
    void withoutTheEarlierMetadataItStaysUntraceable() throws Exception {
        append(table, 5);
        append(table, 6);
        expireAllButTheNewest();
        assertThat(since(null).kind()).isEqualTo(ChangeKind.UNTRACEABLE);
        assertThat(since("/etc/passwd").kind()).isEqualTo(ChangeKind.UNTRACEABLE);
        assertThat(since(lake.look().metadataLocation()).kind()).isEqualTo(ChangeKind.UNTRACEABLE);
        Files.delete(Path.of(URI.create(location)));
        assertThat(since(location).kind()).isEqualTo(ChangeKind.UNTRACEABLE);
    }

    /// An error would repeat at every look, and the table would never be followed again.
    @Test
    void aComparisonThatTakesTooLongLeavesItUntraceable(@TempDir Path folder) {
        append(table, 5);
        append(table, 6);
        expireAllButTheNewest();
        try (Catalogs hurried = lake.hurried(folder)) {
            assertThat(hurried.between(lake.look(), null, before, location).kind())
                    .isEqualTo(ChangeKind.UNTRACEABLE);
        }
    }

    @Test
    void comparisonsShareTheirMemory() {
        append(table, 5);
        append(table, 6);
        expireAllButTheNewest();
        MemoryBudget memory = lake.catalogs.comparisons();
        try (MemoryBudget.Lease _ = memory.acquire(memory.bytes(), "others")) {
            assertThatThrownBy(() -> since(location))
                    .isInstanceOf(LakeOutage.class)
                    .hasMessageContaining(ORDERS.toString())
                    .hasMessageContaining("other comparisons");
        }
        expect(ChangeKind.APPEND, true, head(table));
        assertThat(memory.available()).isEqualTo(memory.bytes());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aComparisonThatNeedsMoreThanAllMemoryLeavesItUntraceable(boolean manifestsExist, @TempDir Path folder)
            throws Exception {
        append(table, 5);
        append(table, 6);
        if (manifestsExist) {
            expireAllButTheNewest();
        } else {
            expireWithManifests();
        }
        try (Catalogs small = lake.comparingIn(500, folder)) {
            assertThat(small.between(lake.look(), null, before, location).kind())
                    .isEqualTo(ChangeKind.UNTRACEABLE);
            assertThat(small.comparisons().available()).isEqualTo(500);
        }
    }

    /// The files that a commit added and removed are read at once, so they are counted before.
    @Test
    void undoingACompactionCounts(@TempDir Path folder) {
        DataFile passing = append(table, 5);
        table.newDelete().deleteFile(passing).commit();
        compact(table, first);
        expireAllButTheNewest();
        long keys = 2 * 600;
        try (Catalogs small = lake.comparingIn(keys, folder)) {
            assertThat(small.between(lake.look(), null, before, location).kind())
                    .isEqualTo(ChangeKind.UNTRACEABLE);
        }
    }

    @Test
    void withoutTheEarlierManifestsTheSurvivingFilesMakeItAnAppend() throws Exception {
        append(table, 5);
        append(table, 6);
        expireWithManifests();
        expect(ChangeKind.APPEND, true, head(table));
    }

    @Test
    void withoutTheEarlierManifestsARemovedFileIsContent() throws Exception {
        table.newDelete().deleteFile(first).commit();
        append(table, 10);
        expireWithManifests();
        expect(ChangeKind.CONTENT, true, head(table));
    }

    @Test
    void withoutTheEarlierManifestsAddedDeletesAreContent() throws Exception {
        table.newRowDelta().addDeletes(deletes(table, 1)).commit();
        append(table, 5);
        expireWithManifests();
        expect(ChangeKind.CONTENT, true, head(table));
    }

    @Test
    void withoutTheEarlierManifestsTheSameFilesAreTheSameRows() throws Exception {
        DataFile passing = append(table, 5);
        table.newDelete().deleteFile(passing).commit();
        expireWithManifests();
        expect(ChangeKind.COMPACTION, false, Objects.requireNonNull(before.contentSnapshotId()));
    }

    @Test
    void withoutTheEarlierManifestsOneCompactionOfAllOfThemIsACompaction() throws Exception {
        DataFile passing = append(table, 5);
        table.newDelete().deleteFile(passing).commit();
        compact(table, first);
        expireWithManifests();
        expect(ChangeKind.COMPACTION, false, Objects.requireNonNull(before.contentSnapshotId()));
    }

    @Test
    void withoutTheEarlierManifestsACompactionOfOthersIsContent() throws Exception {
        DataFile updated = rows(table, 10);
        table.newOverwrite().deleteFile(first).addFile(updated).commit();
        compact(table, updated);
        expireWithManifests();
        expect(ChangeKind.CONTENT, true, head(table));
    }

    @Test
    void withoutTheEarlierManifestsATableThatStartedOverIsReplaced() throws Exception {
        var replacement = lake.writer.newReplaceTableTransaction(
                LakeFixture.identifier(ORDERS), LakeFixture.SCHEMA, PartitionSpec.unpartitioned(), false);
        replacement.newAppend().appendFile(rows(table, 7)).commit();
        replacement.commitTransaction();
        expireWithManifests();
        expect(ChangeKind.REPLACED, true, head(table));
    }

    /// The state after expiry: only the manifests of the newest snapshot exist.
    private void expireWithManifests() throws Exception {
        String manifests = Objects.requireNonNull(lake.catalogs
                        .at(lake.look(), location)
                        .metadata()
                        .snapshot(Objects.requireNonNull(before.snapshotId())))
                .manifestListLocation();
        expireAllButTheNewest();
        Files.delete(Path.of(URI.create(manifests)));
    }

    private void expect(ChangeKind kind, boolean contentChanged, long content) {
        TableChange change = since(location);
        assertThat(change.kind()).isEqualTo(kind);
        assertThat(change.contentChanged()).isEqualTo(contentChanged);
        assertThat(change.now().contentSnapshotId()).isEqualTo(content);
        assertThat(change.now().snapshotId()).isEqualTo(head(table));
    }

    private TableChange since(@Nullable String metadataLocation) {
        return lake.catalogs.between(lake.look(), null, before, metadataLocation);
    }

    private void expireAllButTheNewest() {
        table.refresh();
        long newest = head(table);
        for (var snapshot : table.snapshots()) {
            if (snapshot.snapshotId() != newest) {
                expire(snapshot.snapshotId());
            }
        }
    }

    private void expire(long snapshot) {
        table.expireSnapshots()
                .cleanupLevel(ExpireSnapshots.CleanupLevel.NONE)
                .expireSnapshotId(snapshot)
                .commit();
    }
}
