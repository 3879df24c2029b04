package dev.firn.service.event;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.ChangesKind;
import dev.firn.events.ResultColumn;
import dev.firn.events.ResultFile;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.events.RunChanges;
import dev.firn.events.Violation;
import dev.firn.schemas.Code;
import dev.firn.schemas.EventClasses;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

final class EventSizeTest {
    @BeforeAll
    static void trustEvents() {
        EventClasses.trust();
    }

    @Test
    void neverSplitsASurrogatePair() {
        String smiles = "\uD83D\uDE00".repeat(10);

        for (int length = 2; length <= smiles.length(); length++) {
            String cut = EventSize.cut(smiles, length);
            assertThat(cut.length()).isLessThanOrEqualTo(length);
            assertThat(cut.codePoints().allMatch(point -> point == 0x1F600 || point == '…'))
                    .isTrue();
        }
        assertThat(EventSize.cut(smiles, smiles.length())).isEqualTo(smiles);
    }

    @Test
    void countsTheFindingsThatAreNotListed() {
        List<Violation> many = IntStream.range(0, EventSize.MAX_FINDINGS + 3)
                .mapToObj(i -> Code.UNKNOWN_FEATURE.violation("features[%d]".formatted(i), "unknown"))
                .toList();

        List<Violation> listed = EventSize.listed(many, Code.MORE_REASONS, "%d more");

        assertThat(listed).hasSize(EventSize.MAX_FINDINGS + 1);
        assertThat(listed.getLast().getCode()).isEqualTo(Code.MORE_REASONS.name());
        assertThat(listed.getLast().getMessage()).isEqualTo("3 more");
        assertThat(EventSize.listed(many.subList(0, 3), Code.MORE_REASONS, "%d more"))
                .hasSize(3);
    }

    @Test
    void aResultGivesUpListsBeforeAnythingElse() {
        RetrievalResult large = result("x".repeat(100));

        byte[] event = EventSize.fitted(large, 6_000, Frames::encode);

        RetrievalResult read = Frames.decode(RetrievalResult.class, event);
        assertThat(event.length).isLessThanOrEqualTo(6_000);
        assertThat(read.getColumns()).isEmpty();
        assertThat(read.getRequestId()).isEqualTo("r1");
        assertThat(read.getRows()).isEqualTo(7);
        assertThat(EventSize.fitted(large, 1 << 20, Frames::encode)).isEqualTo(Frames.encode(large));
    }

    @Test
    void aLongMessageIsShortened() {
        RetrievalResult read = Frames.decode(
                RetrievalResult.class, EventSize.fitted(result("\uD83D\uDE00".repeat(9_000)), 1 << 20, Frames::encode));

        assertThat(read.getMessage()).endsWith("…").hasSizeLessThanOrEqualTo(4_000);
    }

    @Test
    void namesTheFirstFilesOfChangesAndCountsAll() {
        List<ResultFile> files = IntStream.range(0, 150)
                .mapToObj(i -> new ResultFile("s3://lake/part-%d.parquet".formatted(i), 1L, 1L, "sha"))
                .toList();
        RetrievalResult many = RetrievalResult.newBuilder(result(""))
                .setChanges(RunChanges.newBuilder()
                        .setKind(ChangesKind.DELTA)
                        .setFiles(files)
                        .setFileCount(150)
                        .build())
                .build();

        RunChanges read = changes(EventSize.fitted(many, 1 << 20, Frames::encode));
        RunChanges cut = changes(EventSize.fitted(many, 6_000, Frames::encode));

        assertThat(read.getFiles()).isEqualTo(files.subList(0, 100));
        assertThat(read.getFileCount()).isEqualTo(150);
        assertThat(cut.getFiles()).isEmpty();
        assertThat(cut.getFileCount()).isEqualTo(150);
    }

    private static RunChanges changes(byte[] event) {
        return Frames.decode(RetrievalResult.class, event).getChanges();
    }

    private static RetrievalResult result(String message) {
        return RetrievalResult.newBuilder()
                .setRequestId("r1")
                .setRequestDigest("d")
                .setStatus(RetrievalStatus.SUCCEEDED)
                .setMessage(message)
                .setRows(7)
                .setColumns(IntStream.range(0, 400)
                        .mapToObj(i -> ResultColumn.newBuilder()
                                .setName("column_%d".formatted(i))
                                .setType("long")
                                .setNulls(0)
                                .build())
                        .toList())
                .setCompletedAt(Instant.EPOCH)
                .build();
    }
}
