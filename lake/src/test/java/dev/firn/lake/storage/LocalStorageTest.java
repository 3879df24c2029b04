package dev.firn.lake.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.lake.Access;
import dev.firn.lake.LakeRejection;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LocalStorageTest {
    private Storage storage;
    private String folder;

    @BeforeEach
    void open(@TempDir Path temp) {
        storage = Storage.open(Map.of("client.region", "us-east-1"));
        folder = "file:" + temp;
    }

    @AfterEach
    void close() {
        storage.close();
    }

    @Test
    void theFirstPutCreatesTheSecondFindsIt() {
        String file = folder + "/r1/_manifest.json";
        assertThat(storage.putIfAbsent(file, bytes("one"))).isEqualTo(PutOutcome.CREATED);
        assertThat(storage.putIfAbsent(file, bytes("two"))).isEqualTo(PutOutcome.ALREADY_THERE);
        assertThat(storage.read(file, 10)).isEqualTo(bytes("one"));
    }

    @Test
    void aPutOfTheSameBytesAgainIsOurs() {
        String file = folder + "/_manifest.json";
        storage.putIfAbsent(file, bytes("one"));
        assertThat(storage.putIfAbsent(file, bytes("one"))).isEqualTo(PutOutcome.CREATED);
    }

    @Test
    void racingPutsHaveOneWinner() {
        assertThat(storage.conditionalPutIsAtomic(folder + "/probe")).isTrue();
        assertThat(storage.list(folder)).isEmpty();
    }

    @Test
    void listsAFileOrAFolderInTheOrderOfUtf8Bytes() throws Exception {
        for (String name : List.of("b.parquet", "a/2.parquet", "a/10.parquet", "\uD83D\uDE00", "\uFF5E", "_x")) {
            write(folder + "/s/" + name, "x");
        }
        assertThat(storage.list(folder + "/s"))
                .extracting(file -> file.location().substring((folder + "/s/").length()))
                .containsExactly("_x", "a/10.parquet", "a/2.parquet", "b.parquet", "\uFF5E", "\uD83D\uDE00");
        assertThat(storage.list(folder + "/s/b.parquet")).hasSize(1);
        assertThat(storage.list(folder + "/s/b.parquet/")).isEmpty();
        assertThat(storage.list(folder + "/none")).isEmpty();
    }

    @Test
    void theEtagDiffersForOtherContent() throws Exception {
        write(folder + "/a", "one");
        write(folder + "/b", "one");
        write(folder + "/c", "two");
        assertThat(storage.etag(folder + "/a"))
                .isEqualTo(storage.etag(folder + "/b"))
                .isNotEqualTo(storage.etag(folder + "/c"));
        assertThat(storage.list(folder + "/a").getFirst().etag()).isEqualTo(storage.etag(folder + "/a"));
    }

    @Test
    void readsAreBounded() throws Exception {
        write(folder + "/a", "four");
        assertThat(storage.read(folder + "/a", 4)).isEqualTo(bytes("four"));
        assertThatThrownBy(() -> storage.read(folder + "/a", 3)).satisfies(e -> code(e, "FILE_TOO_LARGE"));
    }

    @Test
    void aMissingFileIsFileNotFoundAndCountsAsDeleted() {
        assertThatThrownBy(() -> storage.read(folder + "/no", 3)).satisfies(e -> code(e, "FILE_NOT_FOUND"));
        assertThatThrownBy(() -> storage.etag(folder + "/no")).satisfies(e -> code(e, "FILE_NOT_FOUND"));
        storage.delete(List.of(folder + "/no"));
    }

    @Test
    void otherStoresAreUnsupported() {
        assertThatThrownBy(() -> storage.read("gs://bucket/a", 3)).satisfies(e -> code(e, "UNSUPPORTED_STORE"));
    }

    @Test
    void theGuardedStoreReadsSpinesAndResultsAndWritesResultsOnly() throws Exception {
        write(folder + "/spines/s", "spine");
        write(folder + "/other/o", "other");
        Access access = new Access(Set.of(), Set.of(), List.of(folder + "/spines"), folder + "/results");
        Storage guarded = new GuardedStorage(storage, access);
        assertThat(guarded.read(folder + "/spines/s", 10)).isEqualTo(bytes("spine"));
        assertThat(guarded.putIfAbsent(folder + "/results/r", bytes("r"))).isEqualTo(PutOutcome.CREATED);
        assertThat(guarded.list(folder + "/results")).hasSize(1);
        assertThat(guarded.list(folder + "/spines/s")).hasSize(1);
        assertThat(guarded.list(folder + "/spines/s/"))
                .as("a folder, and no file")
                .isEmpty();
        for (Runnable call : List.<Runnable>of(
                () -> guarded.read(folder + "/other/o", 10),
                () -> guarded.input(folder + "/other/o"),
                () -> guarded.list(folder),
                () -> guarded.etag(folder + "/other/o"),
                () -> guarded.output(folder + "/spines/s"),
                () -> guarded.putIfAbsent(folder + "/spines/s2", bytes("x")),
                () -> guarded.delete(List.of(folder + "/results/r", folder + "/spines/s")),
                () -> guarded.conditionalPutIsAtomic(folder + "/spines"))) {
            assertThatThrownBy(call::run).satisfies(e -> code(e, "LOCATION_NOT_ALLOWED"));
        }
        assertThat(guarded.list(folder + "/results")).hasSize(1);
        assertThatThrownBy(() -> guarded.read(folder + "/spines/../other/o", 10))
                .satisfies(e -> code(e, "LOCATION_INVALID"));
    }

    private void write(String location, String text) throws Exception {
        try (OutputStream stream = storage.output(location).createOrOverwrite()) {
            stream.write(bytes(text));
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void code(Throwable fault, String code) {
        assertThat(fault)
                .isInstanceOfSatisfying(
                        LakeRejection.class, e -> assertThat(e.code()).isEqualTo(code));
    }
}
