package dev.firn.lake.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.firn.lake.LakeFaults;
import dev.firn.lake.LakeOutage;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.storage.ScriptedS3.Fault;
import dev.firn.testkit.Waiting;
import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.RangeReadable;
import org.apache.iceberg.io.SeekableInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Reading a file range by range from a store with faults.
final class StoreInputTest {
    private static final String FILE = "s3://lake/data/file.bin";
    private static final String KEY = "/lake/data/file.bin";
    private static final byte[] CONTENT = new byte[300_000];

    static {
        new Random(1).nextBytes(CONTENT);
    }

    private ScriptedS3 s3;
    private Storage storage;

    @BeforeEach
    void open() throws IOException {
        s3 = new ScriptedS3();
        s3.objects.put(KEY, CONTENT);
        storage = Storage.open(s3.properties());
    }

    @AfterEach
    void close() {
        storage.close();
        s3.close();
    }

    private byte[] range(SeekableInputStream in, int from, int count) throws IOException {
        byte[] bytes = new byte[count];
        ((RangeReadable) in).readFully(from, bytes, 0, count);
        return bytes;
    }

    private static byte[] expected(int from, int count) {
        return Arrays.copyOfRange(CONTENT, from, from + count);
    }

    @Test
    void aRangeThatIsCutOffOrResetIsReadAgain() throws IOException {
        s3.faults.addAll(List.of(Fault.CUT_BODY, Fault.RESET, Fault.CUT_BODY, Fault.SLOW_DOWN));
        try (SeekableInputStream in = storage.input(FILE).newStream()) {
            assertThat(range(in, 1_000, 200_000)).isEqualTo(expected(1_000, 200_000));
        }
        assertThat(s3.faults).isEmpty();
    }

    @Test
    void aStreamThatIsCutOffGoesOnWhereItWas() throws IOException {
        s3.faults.add(Fault.CUT_BODY);
        try (SeekableInputStream in = storage.input(FILE).newStream()) {
            assertThat(in.readNBytes(70_000)).isEqualTo(expected(0, 70_000));
            s3.faults.addAll(List.of(Fault.CUT_BODY, Fault.CUT_BODY));
            assertThat(in.readAllBytes()).isEqualTo(expected(70_000, CONTENT.length - 70_000));
        }
        assertThat(s3.faults).isEmpty();
    }

    @Test
    void jumpsReadFromTheNewPosition() throws IOException {
        try (SeekableInputStream in = storage.input(FILE).newStream()) {
            for (int at : new int[] {5, 250_000, 3, 299_999, 100_000, 100_010}) {
                in.seek(at);
                assertThat(in.read()).isEqualTo(CONTENT[at] & 0xFF);
                assertThat(in.getPos()).isEqualTo(at + 1);
            }
            in.seek(CONTENT.length);
            assertThat(in.read()).isEqualTo(-1);
            assertThatThrownBy(() -> range(in, 299_000, 2_000)).isInstanceOf(EOFException.class);
        }
    }

    /// A request that stays open while the caller is busy would be closed by the store.
    @Test
    void noRequestIsOpenBetweenReads() throws IOException {
        byte[] moreThanSocketsBuffer = new byte[32 << 20];
        s3.objects.put(KEY, moreThanSocketsBuffer);
        try (SeekableInputStream in = storage.input(FILE).newStream()) {
            assertThat(in.read()).isGreaterThanOrEqualTo(0);
            s3.awaitIdle();
            assertThat(in.readNBytes(10)).isEqualTo(new byte[10]);
        }
    }

    @Test
    void allRangesDemandTheVersionThatWasSeenFirst() throws IOException {
        InputFile file = storage.input(FILE);
        try (SeekableInputStream in = file.newStream();
                SeekableInputStream other = file.newStream()) {
            range(in, 0, 10);
            range(in, 100, 10);
            range(other, 200, 10);
            String etag = "\"" + Arrays.hashCode(CONTENT) + "\"";
            assertThat(s3.conditions).containsExactly("null", etag, etag);
            s3.objects.put(KEY, new byte[CONTENT.length]);
            assertThatThrownBy(() -> range(other, 300, 10))
                    .isInstanceOf(FileChangedException.class)
                    .hasMessageContaining(FILE)
                    .hasMessageContaining("overwritten");
            s3.ignoresConditions = true;
            assertThatThrownBy(() -> range(in, 300, 10)).isInstanceOf(FileChangedException.class);
        }
    }

    @Test
    void aSpineThatChangesHasACodeOfItsOwn() throws IOException {
        try (SeekableInputStream in = storage.input(FILE).newStream()) {
            range(in, 0, 10);
            s3.objects.put(KEY, new byte[10]);
            assertThatThrownBy(() -> range(in, 0, 10))
                    .satisfies(fault -> assertThat(LakeFaults.ofSpineFile(FILE, fault))
                            .hasValueSatisfying(translated -> assertThat(translated)
                                    .isInstanceOfSatisfying(
                                            LakeRejection.class,
                                            e -> assertThat(e.code()).isEqualTo("SPINE_CHANGED"))));
        }
    }

    @Test
    void aDefiniteAnswerIsNotTriedAgain() {
        s3.faults.addAll(List.of(Fault.WRONG_REGION, Fault.SLOW_DOWN));
        rejected("STORE_REFUSED");
        assertThat(s3.faults).hasSize(1);
        s3.faults.clear();
        s3.faults.addAll(List.of(Fault.ACCESS_DENIED, Fault.SLOW_DOWN));
        rejected("FILE_DENIED");
        assertThat(s3.faults).hasSize(1);
        s3.faults.clear();
        s3.objects.remove(KEY);
        assertThatThrownBy(() -> storage.input(FILE).newStream().read()).isInstanceOf(NotFoundException.class);
        assertThat(storage.input(FILE).exists()).isFalse();
    }

    @Test
    void smallFilesOfAnotherRegionAreRefusedToo() {
        s3.faults.add(Fault.WRONG_REGION);
        assertThatThrownBy(() -> storage.read(FILE, 10))
                .isInstanceOfSatisfying(
                        LakeRejection.class, e -> assertThat(e.code()).isEqualTo("STORE_REFUSED"));
        s3.faults.add(Fault.WRONG_REGION);
        assertThatThrownBy(() -> storage.putIfAbsent(FILE, new byte[1]))
                .isInstanceOfSatisfying(
                        LakeRejection.class, e -> assertThat(e.code()).isEqualTo("STORE_REFUSED"));
    }

    private void rejected(String code) {
        assertThatThrownBy(() -> storage.input(FILE).newStream().read())
                .isInstanceOfSatisfying(
                        LakeRejection.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessageContaining(FILE);
    }

    @Test
    void triesAreBoundedInTime() throws IOException {
        Map<String, String> properties = new HashMap<>(s3.properties());
        properties.put(ReadRetries.LIMIT, "300");
        try (Storage hasty = Storage.open(properties)) {
            for (int i = 0; i < 10_000; i++) {
                s3.faults.add(Fault.CUT_BODY);
            }
            try (SeekableInputStream in = hasty.input(FILE).newStream()) {
                assertThatThrownBy(() -> range(in, 0, 1_000))
                        .isInstanceOfSatisfying(
                                LakeOutage.class, e -> assertThat(e.code()).isEqualTo("STORAGE_UNAVAILABLE"))
                        .hasMessageContaining(FILE);
            }
        }
        assertThat(s3.faults.size()).isBetween(9_000, 9_998);
    }

    /// Also in a thread that works for the job, such as one that reads a file of a scan.
    @Test
    @Timeout(20)
    void aCancelledJobTriesNoRangeAgain() throws IOException {
        for (int i = 0; i < 10_000; i++) {
            s3.faults.add(Fault.CUT_BODY);
        }
        AtomicBoolean cancelled = new AtomicBoolean();
        try (SeekableInputStream in = storage.input(FILE).newStream()) {
            CompletableFuture<Throwable> ended = new CompletableFuture<>();
            Runnable read = () -> ended.complete(catchThrowable(() -> range(in, 0, 1_000)));
            ReadCancellation.heeding(cancelled::get, () -> Thread.ofPlatform().start(ReadCancellation.carried(read)));
            Waiting.until(Duration.ofSeconds(10), () -> s3.faults.size() < 9_999, "the second try");
            assertThat(ended).isNotDone();

            cancelled.set(true);

            assertThat(ended).succeedsWithin(Duration.ofSeconds(3)).isInstanceOf(CancellationException.class);
        }
    }
}
