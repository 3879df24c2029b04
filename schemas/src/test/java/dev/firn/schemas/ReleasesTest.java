package dev.firn.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaParser;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class ReleasesTest {
    private static final Path RELEASED = Path.of("src/main/resources/released");

    static Stream<Class<? extends SpecificRecord>> events() {
        return Releases.events().stream();
    }

    @Test
    void theNewestReleaseHoldsTheCurrentSchemas() throws IOException {
        String version = System.getProperty("firn.release", "");
        if (!version.isEmpty()) {
            Releases.write(RELEASED, version);
            abort("wrote " + RELEASED.resolve(version));
        }
        String newest = Releases.versions().getLast();
        for (Class<? extends SpecificRecord> event : Releases.events()) {
            assertThat(Releases.byVersion(event.getSimpleName()).get(newest))
                    .as(howToRelease(event.getSimpleName(), newest))
                    .isEqualTo(Releases.current(event));
        }
    }

    private static String howToRelease(String event, String newest) {
        return """
                The schema of %1$s differs from the newest release, %2$s. To release the current ones as a new version (or, \
                while %2$s has not been published, to write it again):
                  mvn -q -Pquick -pl schemas -am test -Dtest=ReleasesTest -Dsurefire.failIfNoSpecifiedTests=false \
                -Dfirn.release=<version>
                """.formatted(event, newest);
    }

    @Test
    void everyReleasedFileIsListedAndSelfContained() throws IOException {
        try (Stream<Path> files = Files.walk(RELEASED)) {
            List<Path> schemas =
                    files.filter(file -> file.toString().endsWith(".avsc")).toList();
            assertThat(schemas).isNotEmpty().allSatisfy(file -> {
                assertThat(Releases.versions())
                        .contains(RELEASED.relativize(file).getName(0).toString());
                assertThat(SchemaParser.parseSingle(Files.readString(file)).getName() + ".avsc")
                        .isEqualTo(file.getFileName().toString());
            });
        }
    }

    @ParameterizedTest
    @MethodSource("events")
    void allReleasedVersionsReadEachOther(Class<? extends SpecificRecord> event) {
        long seed = System.nanoTime();

        assertThat(SchemaRules.incompatibilities(Releases.byVersion(event.getSimpleName()), seed))
                .as("seed %d", seed)
                .isEmpty();
    }

    @ParameterizedTest
    @MethodSource("events")
    void everyFieldSaysWhatItIs(Class<? extends SpecificRecord> event) {
        assertThat(SchemaRules.blemishes(Releases.current(event))).isEmpty();
    }

    @Test
    void theCheckFindsIncompatibleChanges() {
        String base = "{\"type\":\"record\",\"name\":\"E\",\"fields\":[{\"name\":\"a\",\"type\":\"string\"}%s]}";
        Schema old = SchemaParser.parseSingle(base.formatted(""));
        Schema fieldWithoutDefault = SchemaParser.parseSingle(base.formatted(",{\"name\":\"b\",\"type\":\"int\"}"));
        Schema fieldWithDefault =
                SchemaParser.parseSingle(base.formatted(",{\"name\":\"b\",\"type\":\"int\",\"default\":1}"));
        Schema grownUnion = SchemaParser.parseSingle(
                base.formatted("").replace("\"type\":\"string\"", "\"type\":[\"null\",\"string\"]"));

        assertThat(SchemaRules.incompatibilities(Map.of("v1", old, "v2", fieldWithDefault), 1))
                .isEmpty();
        assertThat(SchemaRules.incompatibilities(Map.of("v1", old, "v2", fieldWithoutDefault), 1))
                .containsExactly("E of v1 read as v2: READER_FIELD_MISSING_DEFAULT_VALUE at /fields/1");
        assertThat(SchemaRules.incompatibilities(Map.of("v1", old, "v2", grownUnion), 1))
                .singleElement()
                .asString()
                .startsWith("E of v2 read as v1: TYPE_MISMATCH");
    }

    @Test
    void theCheckFindsMissingWords() {
        Schema bare = SchemaParser.parseSingle("""
                {"type":"record","name":"E","fields":[
                 {"name":"ttl","type":"long","doc":"In microseconds."},
                 {"name":"at","type":{"type":"long","logicalType":"timestamp-micros"},"doc":"When."},
                 {"name":"kind","type":{"type":"enum","name":"K","symbols":["A"]}},
                 {"name":"Ratio","type":"double","doc":"A ratio."}]}""");

        assertThat(SchemaRules.blemishes(bare))
                .containsExactly(
                        "E has no doc",
                        "E.ttl lacks _micros",
                        "E.at does not say what its instant counts",
                        "E.kind has no doc",
                        "K has no doc",
                        "K has no default UNKNOWN",
                        "E.Ratio is not snake_case",
                        "E.Ratio is DOUBLE, which EventJson lacks");
    }
}
