package dev.firn.lake.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.lake.LakeRejection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class LocationTest {
    @ParameterizedTest
    @ValueSource(strings = {"s3://lake/a/b", "s3a://lake/a/b", "s3n://lake/a/b", "S3://lake/a/b", "s3://lake/a/b/"})
    void allSpellingsOfS3NameOneObject(String text) {
        Location location = Location.parse(text);
        assertThat(location).isEqualTo(Location.parse("s3://lake/a/b")).hasToString("s3://lake/a/b");
        assertThat(location.bucket()).isEqualTo("lake");
        assertThat(location.key()).isEqualTo("a/b");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/tmp/a b", "file:/tmp/a b", "file:///tmp/a b"})
    void pathsAndFileUrisNameOneFile(String text) {
        assertThat(Location.parse(text)).hasToString("file:/tmp/a b");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "s3://lake/a/../b",
                "s3://lake/./a",
                "s3://lake/..",
                "s3://lake//",
                "s3://lake/a//",
                "/tmp//a",
                "file:/tmp//a",
                "s3://lake/%2e%2e/a",
                "s3://lake/%2E./a",
                "s3://lake/%252e%252e/a",
                "s3://lake/..%2fa",
                "s3://lake/a%2f..",
                "s3://lake/a%5c..%5cb",
                "s3://lake/a\\..\\b",
                "s3://lake/a%00",
                "s3://lake/a\u0000",
                "s3://lake/a\nb",
                "/tmp/../etc",
                "file:/tmp/%2e%2e/etc",
                "file://host/tmp",
                "s3:/lake/a",
                "s3://",
                "s3:///a",
                "s3://user@lake/a",
                "s3://lake?x/a",
                "lake/a",
                ""
            })
    void whatCouldMeanAnotherPlaceIsRefused(String text) {
        assertThatThrownBy(() -> Location.parse(text))
                .isInstanceOfSatisfying(
                        LakeRejection.class, e -> assertThat(e.code()).isEqualTo("LOCATION_INVALID"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "s3://lake/day=2024-01-01/a%20b",
                "s3://lake/100%/x",
                "s3://lake/a+b/..c",
                "s3://lake/...",
                "s3://lake//a",
                "s3://lake/a//b",
                "s3://lake/x.csv#old.csv",
                "s3://lake/x.csv?versionId=1",
                "s3://lake/k=a%2Fb"
            })
    void unusualKeysAreKeptAsTheyAre(String text) {
        assertThat(Location.parse(text)).hasToString(text);
    }

    @ParameterizedTest
    @CsvSource({
        "s3://lake/a/b, s3://lake/a, true",
        "s3a://lake/a/b, s3://lake/a/, true",
        "s3://lake/a, s3://lake/a, true",
        "s3://lake/a, s3://lake, true",
        "s3://lake/ab, s3://lake/a, false",
        "s3://lake/a, s3://lake/a/b, false",
        "s3://lake2/a, s3://lake, false",
        "s3://lake/A, s3://lake/a, false",
        "/lake/a, s3://lake, false"
    })
    void isUnderAPrefixByWholeSegments(String location, String prefix, boolean under) {
        assertThat(Location.parse(location).isUnder(Location.parse(prefix))).isEqualTo(under);
    }

    @Test
    void resolvesBelowOnly() {
        Location folder = Location.parse("s3://lake/results");
        assertThat(folder.resolve("r1/_manifest.json")).hasToString("s3://lake/results/r1/_manifest.json");
        assertThatThrownBy(() -> folder.resolve("../x")).isInstanceOf(LakeRejection.class);
    }

    @Test
    void repeatedEncodingIsRejected() {
        String text = "s3://lake/%" + "25".repeat(20) + "2e";
        assertThatThrownBy(() -> Location.parse(text)).hasMessageContaining("percent-encoded");
    }

    @Test
    void longLocationsAreRejected() {
        assertThatThrownBy(() -> Location.parse("s3://lake/" + "a".repeat(5000)))
                .hasMessageContaining("longer");
    }
}
