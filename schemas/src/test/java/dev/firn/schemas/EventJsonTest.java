package dev.firn.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.list;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.firn.events.RegistrationAction;
import dev.firn.events.RegistrationRequest;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.SpineKind;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class EventJsonTest {
    private static final String MISSION = """
            {
              "name": "customer_features",
              "entities": ["customer_id"],
              "features": [
                {"name": "total_orders", "dtype": "int64"},
                {"name": "avg_order_value", "dtype": "float64"}
              ],
              "source": {
                "catalog": "iceberg",
                "schema": "gold",
                "table_name": "customer_aggregates",
                "timestamp_field": "updated_at"
              },
              "online": false
            }""";

    @Test
    void readsAPlainJsonBody() {
        var body = EventJson.object(MISSION).put("request_id", "r-1");

        var request = EventJson.read(RegistrationRequest.class, body);

        assertThat(request.getName()).isEqualTo("customer_features");
        assertThat(request.getAction()).isEqualTo(RegistrationAction.REGISTER);
        assertThat(request.getFeatures()).extracting("name").containsExactly("total_orders", "avg_order_value");
        assertThat(request.getSource().getTimestampField()).isEqualTo("updated_at");
        assertThat(request.getSource().getRef()).isNull();
        assertThat(request.getTtlMicros()).isNull();
        assertThat(request.getTags()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("dev.firn.schemas.ReleasesTest#events")
    void readsBackExactlyWhatItPrinted(Class<? extends SpecificRecord> event) {
        readsBack(event, System.nanoTime());
    }

    private static <T extends SpecificRecord> void readsBack(Class<T> event, long seed) {
        var events = new RandomEvents(seed);
        for (int i = 0; i < 50; i++) {
            T record = events.next(event);
            assertThat(EventJson.read(event, EventJson.write(record)))
                    .as("seed %d", seed)
                    .isEqualTo(record);
            assertThat(EventJson.read(event, EventJson.tree(record).toPrettyString()))
                    .isEqualTo(record);
        }
    }

    @Test
    void defaultsOfTwoEventsAreNotShared() {
        var first = EventJson.read(RegistrationRequest.class, "{\"request_id\":\"a\",\"name\":\"v\"}");
        first.getTags().put("team", "growth");

        assertThat(EventJson.read(RegistrationRequest.class, "{\"request_id\":\"b\",\"name\":\"v\"}")
                        .getTags())
                .isEmpty();
    }

    @Test
    void saysEverythingThatIsWrongWithItsPath() {
        assertThatThrownBy(() -> EventJson.read(RegistrationRequest.class, """
                        {"name": 7, "action": "REGISTR", "entitys": [], "ttl": "14d", "online": "no", "ttl_micros": 1.5,
                         "features": [{"name": "f", "dtpe": "int64"}], "tags": {"a": null},
                         "source": {"catalog": "c", "schema": "s", "table_name": null, "timestamp_field": "t"}}"""))
                .asInstanceOf(type(EventJsonException.class))
                .extracting(EventJsonException::problems)
                .asInstanceOf(list(JsonProblem.class))
                .extracting(JsonProblem::toString)
                .containsExactlyInAnyOrder(
                        "[entitys] UNKNOWN_FIELD: RegistrationRequest has no field 'entitys'; did you mean 'entities'?",
                        "[ttl] UNKNOWN_FIELD: RegistrationRequest has no field 'ttl'; did you mean 'ttl_micros'?",
                        "[request_id] MISSING_FIELD: is required",
                        "[action] UNKNOWN_NAME: expected one of [REGISTER, DROP], found \"REGISTR\"; did you mean 'REGISTER'?",
                        "[name] WRONG_TYPE: expected a string, found 7",
                        "[features[0].dtpe] UNKNOWN_FIELD: FeatureSpec has no field 'dtpe'; did you mean 'dtype'?",
                        "[features[0].dtype] MISSING_FIELD: is required",
                        "[source.table_name] WRONG_TYPE: expected a string, found null",
                        "[online] WRONG_TYPE: expected true or false, found the string \"no\"",
                        "[ttl_micros] WRONG_TYPE: expected a whole number, found 1.5",
                        "[tags.a] WRONG_TYPE: expected a string, found null");
    }

    @Test
    void cutsALongValueThatIsWrong() {
        assertThatThrownBy(() -> asOf("\"" + "é".repeat(100_000) + "\""))
                .message()
                .hasSizeLessThan(300)
                .contains("éé…");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    2024-01-31T09:30:00Z             | 2024-01-31T09:30:00Z
                    2024-01-31T09:30:00.000001Z      | 2024-01-31T09:30:00.000001Z
                    2024-01-31T10:30:00+01:00        | 2024-01-31T09:30:00Z
                    1969-12-31T23:59:59.999999Z      | 1969-12-31T23:59:59.999999Z
                    +12345-01-01T00:00:00Z           | +12345-01-01T00:00:00Z
                    """)
    void readsInstantsWithAnyOffset(String text, Instant expected) {
        assertThat(asOf("\"" + text + "\"").getAsOf()).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "'\"2024-01-31T09:30:00\"', BAD_TIMESTAMP",
        "'\"2024-01-31\"', BAD_TIMESTAMP",
        "'\"2024-01-31T09:30:00.0000001Z\"', BAD_TIMESTAMP",
        "'\"+999999999-01-01T00:00:00Z\"', BAD_TIMESTAMP",
        "1706693400000000, WRONG_TYPE"
    })
    void refusesInstantsThatMayMeanSomethingElse(String json, Code code) {
        assertThatThrownBy(() -> asOf(json)).hasMessageStartingWith("[as_of] " + code);
    }

    @Test
    void refusesWhatIsNotOneObject() {
        for (String body : List.of("", "[]", "{", "{} {}", "{\"name\":\"a\",\"name\":\"b\"}", "7")) {
            assertThatThrownBy(() -> EventJson.object(body)).as(body).hasMessageStartingWith("MALFORMED_JSON");
        }
    }

    /// As characters that stand for what could not be read, they would be part of a view for ever.
    @Test
    void refusesBytesThatAreNotUtf8() {
        byte[] latin = "{\"name\":\"käufer\"}".getBytes(StandardCharsets.ISO_8859_1);

        assertThatThrownBy(() -> EventJson.object(latin)).hasMessage("MALFORMED_JSON: the text is not UTF-8");
        assertThat(EventJson.object("{\"name\":\"käufer 😀\"}".getBytes(StandardCharsets.UTF_8))
                        .path("name")
                        .asText())
                .isEqualTo("käufer 😀");
    }

    @ParameterizedTest
    @CsvSource({"owner, '\"\\ud83d\"'", "owner, '\"a\\ude00b\"'", "tags.a, '{\"a\":\"\\ud83d\"}'"})
    void refusesHalfOfASurrogatePair(String path, String json) {
        String field = path.startsWith("tags") ? "tags" : path;

        assertThatThrownBy(() -> EventJson.read(
                        RegistrationRequest.class,
                        "{\"request_id\":\"a\",\"name\":\"v\",\"%s\":%s}".formatted(field, json)))
                .hasMessage(
                        "[%s] MALFORMED_JSON: has half of a surrogate pair, which no text can hold".formatted(path));
    }

    @Test
    void keepsBothHalvesOfASurrogatePair() {
        assertThat(EventJson.read(
                                RegistrationRequest.class,
                                "{\"request_id\":\"a\",\"name\":\"v\",\"owner\":\"\\ud83d\\ude00\"}")
                        .getOwner())
                .isEqualTo("😀");
    }

    @Test
    void aNumberBeyondItsTypeIsRefused() {
        assertThatThrownBy(() -> EventJson.read(
                        RegistrationRequest.class,
                        "{\"request_id\":\"a\",\"name\":\"v\",\"expected_version\":9223372036854775808}"))
                .hasMessage("[expected_version] OUT_OF_RANGE: exceeds 64 bits");
    }

    private static RetrievalRequest asOf(String json) {
        var request = EventJson.read(
                RetrievalRequest.class,
                "{\"request_id\":\"a\",\"spine\":{\"kind\":\"ALL\"},\"features\":[\"v:f\"],\"as_of\":" + json + "}");
        assertThat(request.getSpine().getKind()).isEqualTo(SpineKind.ALL);
        return request;
    }
}
