package dev.firn.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.firn.events.RegistrationRequest;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.StandingRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// The vectors by which clients in other languages test their digests.
final class RequestVectorsTest {
    private static final Path VECTORS = Path.of("../clients/request-digests.json");

    @TestFactory
    List<DynamicTest> theDigestIsThatOfTheVectors() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (JsonNode vector : JsonMapper.builder().build().readTree(VECTORS.toFile())) {
            tests.add(DynamicTest.dynamicTest(
                    vector.path("what").asText(),
                    () -> assertThat(RequestDigest.of(request(vector)))
                            .isEqualTo(vector.path("digest").asText())));
        }
        assertThat(tests).hasSizeGreaterThan(10);
        return tests;
    }

    private static SpecificRecord request(JsonNode vector) {
        String json = vector.path("request").toString();
        return switch (vector.path("event").asText()) {
            case "RetrievalRequest" -> EventJson.read(RetrievalRequest.class, json);
            case "RegistrationRequest" -> EventJson.read(RegistrationRequest.class, json);
            case "StandingRequest" -> EventJson.read(StandingRequest.class, json);
            default -> throw new IllegalArgumentException("vectors are of requests: " + vector);
        };
    }
}
