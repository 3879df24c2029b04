package dev.firn.lake.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.lake.LakeRejection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.iceberg.aws.s3.S3FileIO;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.ResolvingFileIO;
import org.apache.iceberg.io.SeekableInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A key is any string: no part of it is a query, a fragment or an escape. Each key has a neighbour that a reader
/// of URIs would take for it.
final class ObjectNamesTest {
    private static final String FOLDER = "s3://lake/in/";
    private static final List<String> KEYS = List.of(
            "x.csv",
            "x.csv#old.csv",
            "x.csv?versionId=1",
            "a b.csv",
            "a+b.csv",
            "a%20b.csv",
            "a%2Bb.csv",
            "a%2520b.csv",
            "k=a/b.csv",
            "k=a%2Fb.csv",
            "d/e.csv",
            "d//e.csv",
            "100%.csv",
            "%zz.csv",
            "&a=b;c,d:e@f.csv",
            "quote'\"(1)!*~.csv",
            "gr\u00fc\u00dfe.csv",
            "gru\u0308\u00dfe.csv",
            "\u6570\u636e/\u8868.csv",
            "\ud83d\ude00.csv",
            "\uff5e.csv");

    private ScriptedS3 s3;
    private Storage storage;

    @BeforeEach
    void open() throws IOException {
        s3 = new ScriptedS3();
        for (String key : KEYS) {
            s3.objects.put("/lake/in/" + key, bytes(key));
        }
        storage = Storage.open(s3.properties());
    }

    @AfterEach
    void close() {
        storage.close();
        s3.close();
    }

    @Test
    void aFolderListsEveryKeyAsItIs() {
        assertThat(storage.list(FOLDER))
                .extracting(StoredFile::location)
                .containsExactlyElementsOf(KEYS.stream()
                        .map(key -> FOLDER + key)
                        .sorted(PathOrder.UTF8)
                        .toList());
    }

    @Test
    void everyKeyIsReadAsItIs() throws IOException {
        for (String key : KEYS) {
            String location = FOLDER + key;
            assertThat(content(storage.input(location))).as(key).isEqualTo(key);
            assertThat(storage.read(location, 100)).as(key).isEqualTo(bytes(key));
            assertThat(storage.list(location))
                    .as(key)
                    .extracting(StoredFile::location, StoredFile::etag)
                    .containsExactly(org.assertj.core.groups.Tuple.tuple(location, storage.etag(location)));
        }
    }

    @Test
    void filesOfTablesAreReadAsTheyAreNamed() throws IOException {
        try (S3FileIO plain = new S3FileIO();
                ResolvingFileIO any = new ResolvingFileIO()) {
            plain.initialize(s3.properties());
            any.initialize(s3.properties());
            any.setConf(new org.apache.hadoop.conf.Configuration());
            for (String key : KEYS) {
                assertThat(content(StoreIO.of(plain).newInputFile(FOLDER + key)))
                        .as(key)
                        .isEqualTo(key);
                assertThat(content(StoreIO.of(any).newInputFile(FOLDER + key, bytes(key).length)))
                        .as(key)
                        .isEqualTo(key);
            }
        }
    }

    @Test
    void onlyTheNamedKeyIsDeletedOrCreated() {
        storage.delete(List.of(FOLDER + "x.csv#old.csv", FOLDER + "a%20b.csv"));
        assertThat(s3.objects).hasSize(KEYS.size() - 2).containsKeys("/lake/in/x.csv", "/lake/in/a b.csv");
        assertThat(storage.putIfAbsent(FOLDER + "x.csv#old.csv", bytes("new"))).isEqualTo(PutOutcome.CREATED);
        assertThat(s3.objects.get("/lake/in/x.csv")).isEqualTo(bytes("x.csv"));
    }

    /// Iceberg writes to the part of the name before these characters, so every file would overwrite the last one.
    @ParameterizedTest
    @ValueSource(strings = {"s3://lake/out#1/part.parquet", "s3://lake/out?1/part.parquet"})
    void aNameThatIcebergWouldCutIsNotWritten(String location) {
        assertThatThrownBy(() -> storage.output(location))
                .isInstanceOfSatisfying(
                        LakeRejection.class, e -> assertThat(e.code()).isEqualTo("LOCATION_INVALID"))
                .hasMessageContaining(location);
    }

    /// A table that Iceberg wrote itself with such a name lies elsewhere.
    @Test
    void aMissingFileWithSuchANameSaysWhatIcebergDoes() {
        assertThatThrownBy(() -> content(storage.input("s3://lake/in/x.csv#gone.csv")))
                .isInstanceOf(NotFoundException.class)
                .hasMessageContaining("s3://lake/in/x.csv#gone.csv")
                .hasMessageContaining("cuts names at '#' and '?'");
    }

    private static String content(InputFile file) throws IOException {
        try (SeekableInputStream stream = file.newStream()) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
