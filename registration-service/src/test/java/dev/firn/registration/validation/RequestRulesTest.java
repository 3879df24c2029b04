package dev.firn.registration.validation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.firn.events.FeatureSpec;
import dev.firn.events.RegistrationRequest;
import dev.firn.events.TableSource;
import dev.firn.events.Violation;
import dev.firn.registration.Views;
import dev.firn.schemas.Code;
import dev.firn.schemas.Limits;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.Test;

/// Each violation of a request alone, with its field.
final class RequestRulesTest {
    @Test
    void aCorrectRequestHasNoViolations() {
        assertThat(violations(request -> request)).isEmpty();
    }

    @Test
    void aRequestIdIsCheckedForCharactersAndLength() {
        Tuple invalid = tuple("request_id", Code.INVALID_REQUEST_ID.name());
        assertThat(violations(request -> request.setRequestId(""))).containsExactly(invalid);
        assertThat(violations(request -> request.setRequestId("a/b"))).containsExactly(invalid);
        assertThat(violations(request -> request.setRequestId("x".repeat(128)))).containsExactly(invalid);
    }

    @Test
    void aViewsNameIsAnIdentifierWithoutDoubleUnderscores() {
        Tuple invalid = tuple("name", Code.INVALID_NAME.name());
        assertThat(violations(request -> request.setName("1st"))).containsExactly(invalid);
        assertThat(violations(request -> request.setName("a__b"))).containsExactly(invalid);
        assertThat(violations(request -> request.setName("x".repeat(Limits.IDENTIFIER_LENGTH + 1))))
                .containsExactly(invalid);
    }

    @Test
    void aViewMayHaveNoEntities() {
        assertThat(violations(request -> request.setEntities(List.of()))).isEmpty();
    }

    @Test
    void aRequestNeedsFeaturesAndASource() {
        assertThat(violations(request -> request.setFeatures(List.of())))
                .containsExactly(tuple("features", Code.NO_FEATURES.name()));
        assertThat(violations(request -> request.setSource(null)))
                .containsExactly(tuple("source", Code.NO_SOURCE.name()));
    }

    @Test
    void entitiesAndFeaturesAreIdentifiers() {
        assertThat(violations(request -> request.setEntities(List.of("customer id"))))
                .containsExactly(tuple("entities[0]", Code.INVALID_NAME.name()));
        assertThat(violations(request -> request.setFeatures(List.of(Views.feature("total-orders", "int64")))))
                .containsExactly(tuple("features[0].name", Code.INVALID_NAME.name()));
    }

    @Test
    void namesAreUniqueIgnoringCase() {
        assertThat(violations(request -> request.setEntities(List.of("customer_id", "Customer_ID"))))
                .containsExactly(tuple("entities[1]", Code.DUPLICATE_NAME.name()));
        assertThat(violations(request -> request.setFeatures(
                        List.of(Views.feature("orders", "int64"), Views.feature("ORDERS", "int64")))))
                .containsExactly(tuple("features[1].name", Code.DUPLICATE_NAME.name()));
        assertThat(violations(request -> request.setFieldMapping(Map.of("a", "total_orders", "b", "total_orders"))))
                .containsExactly(tuple("field_mapping.b", Code.DUPLICATE_NAME.name()));
    }

    @Test
    void aFeatureIsNotAnEntity() {
        assertThat(violations(request -> request.setFeatures(List.of(Views.feature("CUSTOMER_ID", "int64")))))
                .containsExactly(tuple("features[0].name", Code.FEATURE_IS_ENTITY.name()));
    }

    @Test
    void mappingsNameEntitiesAndFeaturesOfTheView() {
        assertThat(violations(request -> request.setEntityColumns(Map.of("customer", "id"))))
                .containsExactly(tuple("entity_columns.customer", Code.UNKNOWN_ENTITY.name()));
        assertThat(violations(request -> request.setFieldMapping(Map.of("column", "nothing"))))
                .containsExactly(tuple("field_mapping.column", Code.UNKNOWN_FEATURE.name()));
    }

    @Test
    void entitiesAndFeaturesAreLimitedInNumber() {
        List<String> entities = IntStream.rangeClosed(0, RequestRules.MAX_ENTITIES)
                .mapToObj(i -> "key" + i)
                .toList();
        List<FeatureSpec> features = new ArrayList<>();
        for (int i = 0; i <= RequestRules.MAX_FEATURES; i++) {
            features.add(Views.feature("feature" + i, "int64"));
        }
        assertThat(violations(request -> request.setEntities(entities)))
                .containsExactly(tuple("entities", Code.TOO_MANY.name()));
        assertThat(violations(request -> request.setEntities(entities.subList(1, entities.size()))))
                .isEmpty();
        assertThat(violations(request -> request.setFeatures(features)))
                .containsExactly(tuple("features", Code.TOO_MANY.name()));
        assertThat(violations(request -> request.setFeatures(features.subList(1, features.size()))))
                .isEmpty();
    }

    /// Some hundred thousand short names fit into an event. A list that is too long is not looked at any further.
    @Test
    void listsThatAreTooLongAreNotLookedAt() {
        Map<String, String> columns = new HashMap<>();
        for (int i = 0; i < 10_000; i++) {
            columns.put("entity" + i, "");
        }
        assertThat(violations(request ->
                        request.setEntities(Collections.nCopies(25_000, "b")).setEntityColumns(columns)))
                .containsExactly(
                        tuple("entities", Code.TOO_MANY.name()), tuple("entity_columns", Code.TOO_MANY.name()));
        assertThat(violations(request -> request.setFieldMapping(columns)))
                .containsExactly(tuple("field_mapping", Code.TOO_MANY.name()));
    }

    @Test
    void namesInTheLakeHaveNoQuotesControlCharactersOrExcessiveLength() {
        for (String hostile : List.of("", " ", "a\"b", "a'b", "a;b", "a\nb", "x".repeat(255))) {
            assertThat(sourceViolations(source -> source.setTableName(hostile)))
                    .containsExactly(tuple("source.table_name", Code.INVALID_NAME.name()));
            assertThat(sourceViolations(source -> source.setSchema$(hostile)))
                    .containsExactly(tuple("source.schema", Code.INVALID_NAME.name()));
            assertThat(sourceViolations(source -> source.setCatalog(hostile)))
                    .containsExactly(tuple("source.catalog", Code.INVALID_NAME.name()));
            assertThat(sourceViolations(source -> source.setTimestampField(hostile)))
                    .containsExactly(tuple("source.timestamp_field", Code.INVALID_NAME.name()));
        }
    }

    /// The table watch splits `catalog.schema.table` at its dots.
    @Test
    void catalogAndTableNamesHaveNoDots() {
        assertThat(sourceViolations(source -> source.setTableName("a.b")))
                .containsExactly(tuple("source.table_name", Code.INVALID_NAME.name()));
        assertThat(sourceViolations(source -> source.setCatalog("a.b")))
                .containsExactly(tuple("source.catalog", Code.INVALID_NAME.name()));
        assertThat(sourceViolations(source -> source.setSchema$("a.b"))).isEmpty();
    }

    @Test
    void aZoneIsOneOfIana() {
        assertThat(sourceViolations(source -> source.setTimestampZone("Europe/Berlin")))
                .isEmpty();
        assertThat(sourceViolations(source -> source.setTimestampZone("Mars/Olympus")))
                .containsExactly(tuple("source.timestamp_zone", Code.INVALID_ZONE.name()));
    }

    @Test
    void onlineAndNegativeDurationsAreRejected() {
        assertThat(violations(request -> request.setOnline(true)))
                .containsExactly(tuple("online", Code.ONLINE_UNSUPPORTED.name()));
        assertThat(violations(request -> request.setTtlMicros(-1L)))
                .containsExactly(tuple("ttl_micros", Code.NEGATIVE_DURATION.name()));
        assertThat(violations(request -> request.setAvailableAfterMicros(-1)))
                .containsExactly(tuple("available_after_micros", Code.NEGATIVE_DURATION.name()));
    }

    @Test
    void everyViolationIsReportedInTheOrderOfTheFields() {
        assertThat(violations(
                        request -> request.setRequestId("?").setSource(null).setOnline(true)))
                .extracting(violation -> violation.toList().get(1))
                .containsExactly(Code.INVALID_REQUEST_ID.name(), Code.NO_SOURCE.name(), Code.ONLINE_UNSUPPORTED.name());
    }

    @Test
    void messagesShowHostileNamesCutAndWithoutControlCharacters() {
        RegistrationRequest request =
                Views.request("r1", "a\u0000b" + "x".repeat(500)).build();

        assertThat(RequestRules.violations(request).getFirst().getMessage())
                .startsWith("'a?b")
                .hasSizeLessThan(300);
    }

    private static List<Tuple> violations(UnaryOperator<RegistrationRequest.Builder> change) {
        return RequestRules.violations(change.apply(Views.request("r1")).build()).stream()
                .map(RequestRulesTest::fieldAndCode)
                .toList();
    }

    private static List<Tuple> sourceViolations(UnaryOperator<TableSource.Builder> change) {
        return violations(request -> request.setSource(
                change.apply(TableSource.newBuilder(request.getSource())).build()));
    }

    private static Tuple fieldAndCode(Violation violation) {
        return tuple(violation.getField(), violation.getCode());
    }
}
