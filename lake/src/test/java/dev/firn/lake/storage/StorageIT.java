package dev.firn.lake.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.lake.LakeRejection;
import dev.firn.testkit.TestStack;
import dev.firn.testkit.Waiting;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// [Storage] on the real store of the stack.
final class StorageIT {
    private final Storage storage = Storage.open(TestStack.shared().addresses().icebergCatalogProperties());
    private final String folder = "s3://lake/results/" + TestStack.namespace();

    @AfterEach
    void close() {
        storage.close();
    }

    @Test
    void theProbeFindsTheStoreAtomic() {
        assertThat(storage.conditionalPutIsAtomic(folder)).isTrue();
        assertThat(storage.list(folder)).isEmpty();
    }

    @Test
    void oneOfSeveralRacingWritersDecidesTheOutcome() throws Exception {
        int writers = 8;
        CyclicBarrier start = new CyclicBarrier(writers);
        try (ExecutorService threads = Executors.newFixedThreadPool(writers)) {
            for (int round = 0; round < 10; round++) {
                String file = folder + "/race-" + round + "/_manifest.json";
                List<Future<PutOutcome>> outcomes = new ArrayList<>();
                for (int writer = 0; writer < writers; writer++) {
                    byte[] content = bytes("attempt " + writer);
                    outcomes.add(threads.submit(() -> {
                        start.await();
                        return storage.putIfAbsent(file, content);
                    }));
                }
                String stands = null;
                for (int writer = 0; writer < writers; writer++) {
                    if (outcomes.get(writer).get() == PutOutcome.CREATED) {
                        assertThat(stands).as("second winner of round " + round).isNull();
                        stands = "attempt " + writer;
                    }
                }
                assertThat(storage.read(file, 100)).isEqualTo(bytes(String.valueOf(stands)));
            }
        }
    }

    @Test
    void listsFilesWithSizesAndEtagsInPathOrder() throws Exception {
        for (String name : List.of("b.parquet", "a/10.parquet", "a/2.parquet", "_x", "day=2024-01-01/ä b+c.parquet")) {
            write(folder + "/" + name, "x".repeat(name.length()));
        }
        List<StoredFile> files = storage.list(folder + "/");
        assertThat(files)
                .extracting(file -> file.location().substring(folder.length() + 1))
                .containsExactly("_x", "a/10.parquet", "a/2.parquet", "b.parquet", "day=2024-01-01/ä b+c.parquet");
        for (StoredFile file : files) {
            assertThat(storage.etag(file.location())).isEqualTo(file.etag());
            assertThat(storage.read(file.location(), 100)).hasSize((int) file.bytes());
        }
        assertThat(storage.list(folder + "/b.parquet")).hasSize(1);
        assertThat(storage.list(folder + "/b")).isEmpty();
        storage.delete(files.stream().map(StoredFile::location).toList());
        storage.delete(List.of(folder + "/b.parquet"));
        assertThat(storage.list(folder)).isEmpty();
    }

    @Test
    void visitsFilesWithTheTimeOfTheirLastWrite() throws Exception {
        Instant before = Instant.now().minusSeconds(60);
        write(folder + "/walk/b", "b");
        write(folder + "/walk/a/1", "a");
        List<AgedFile> files = new ArrayList<>();
        storage.walk(folder + "/walk", files::add);

        assertThat(files)
                .extracting(file -> file.location().substring(folder.length()))
                .containsExactly("/walk/a/1", "/walk/b");
        assertThat(files).allSatisfy(file -> assertThat(file.modified()).isAfter(before));
    }

    @Test
    void abandonsUploadsThatWereNeverCompleted() throws Exception {
        byte[] large = new byte[70 << 20];
        try (OutputStream stream = storage.output(folder + "/uploads/1").createOrOverwrite()) {
            stream.write(large);
            // the parts are uploaded in the background
            Waiting.until(
                    Duration.ofSeconds(30),
                    () -> storage.abandonUploads(
                                    folder + "/uploads", Instant.now().plusSeconds(60))
                            == 1,
                    "an upload to abandon");
            assertThat(storage.abandonUploads(folder + "/other", Instant.now().plusSeconds(60)))
                    .isZero();
        } catch (RuntimeException | IOException abandoned) {
            assertThat(abandoned).as("completing an upload that is gone").hasMessageContaining("Status Code: 404");
        }
        assertThat(storage.list(folder + "/uploads")).isEmpty();
    }

    @Test
    void theEtagChangesWithTheContent() throws Exception {
        write(folder + "/spine.csv", "one");
        String before = storage.etag(folder + "/spine.csv");
        write(folder + "/spine.csv", "two");
        assertThat(storage.etag(folder + "/spine.csv")).isNotEqualTo(before);
    }

    @Test
    void largeFilesGoThroughInOneOrInParts() throws Exception {
        byte[] large = new byte[40 << 20];
        Arrays.fill(large, (byte) 'x');
        try (OutputStream stream = storage.output(folder + "/large").createOrOverwrite()) {
            stream.write(large);
        }
        assertThat(storage.list(folder + "/large").getFirst().bytes()).isEqualTo(large.length);
        try (InputStream stream = storage.input(folder + "/large").newStream()) {
            assertThat(Arrays.equals(stream.readAllBytes(), large)).isTrue();
        }
    }

    @Test
    void aMissingFileIsFileNotFound() {
        assertThatThrownBy(() -> storage.read(folder + "/no", 10))
                .isInstanceOfSatisfying(
                        LakeRejection.class, e -> assertThat(e.code()).isEqualTo("FILE_NOT_FOUND"));
        assertThat(storage.list(folder + "/no")).isEmpty();
    }

    private void write(String location, String text) throws Exception {
        try (OutputStream stream = storage.output(location).createOrOverwrite()) {
            stream.write(bytes(text));
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
