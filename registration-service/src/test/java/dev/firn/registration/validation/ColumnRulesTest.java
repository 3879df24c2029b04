package dev.firn.registration.validation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.firn.events.RegistrationRequest;
import dev.firn.events.ResolvedColumn;
import dev.firn.events.TableSource;
import dev.firn.events.Violation;
import dev.firn.registration.Views;
import dev.firn.schemas.Code;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.Test;

/// Each violation of a definition's columns alone, with its field.
final class ColumnRulesTest {
    private static final Schema SCHEMA = new Schema(
            NestedField.required(1, "customer_id", Types.LongType.get()),
            NestedField.optional(2, "total_orders", Types.LongType.get()),
            NestedField.optional(3, "avg_order_value", Types.DoubleType.get()),
            NestedField.optional(4, "updated_at", Types.TimestampType.withZone()),
            NestedField.optional(5, "written_at", Types.TimestampType.withoutZone()),
            NestedField.optional(6, "note", Types.StringType.get()),
            NestedField.optional(7, "blob", Types.VariantType.get()),
            NestedField.optional(8, "Code", Types.StringType.get()),
            NestedField.optional(9, "code", Types.StringType.get()),
            NestedField.optional(
                    10,
                    "redpanda",
                    Types.StructType.of(
                            NestedField.optional(11, "timestamp", Types.TimestampType.withZone()),
                            NestedField.optional(12, "offset", Types.LongType.get()),
                            NestedField.optional(
                                    13, "headers", Types.ListType.ofOptional(14, Types.StringType.get())))));

    @Test
    void resolvesEveryColumnWithItsFieldId() {
        ColumnRules rules = rules(request -> request.setEntities(List.of("customer"))
                .setEntityColumns(Map.of("customer", "CUSTOMER_ID"))
                .setFeatures(List.of(Views.feature("orders", "int64")))
                .setFieldMapping(Map.of("total_orders", "orders"))
                .setSource(
                        source(request).setCreatedTimestampField("written_at").build()));

        assertThat(rules.violations()).isEmpty();
        assertThat(rules.entityColumns())
                .extracting(ResolvedColumn::getName, ResolvedColumn::getColumn, ResolvedColumn::getFieldId)
                .containsExactly(tuple("customer", "customer_id", 1));
        assertThat(rules.featureColumns())
                .extracting(ResolvedColumn::getName, ResolvedColumn::getColumn, ResolvedColumn::getFieldId)
                .containsExactly(tuple("orders", "total_orders", 2));
        assertThat(rules.timestamp())
                .isNotNull()
                .extracting(ResolvedColumn::getFieldId)
                .isEqualTo(4);
        assertThat(rules.created())
                .isNotNull()
                .extracting(ResolvedColumn::getFieldId)
                .isEqualTo(5);
    }

    @Test
    void resolvesFieldsWithinStructsByTheirPaths() {
        ColumnRules rules = rules(request -> request.setEntities(List.of("position"))
                .setEntityColumns(Map.of("position", "redpanda.offset"))
                .setFeatures(List.of(Views.feature("orders", "int64"), Views.feature("headers", "list<string>")))
                .setFieldMapping(Map.of("total_orders", "orders", "redpanda.headers", "headers"))
                .setSource(source(request)
                        .setTimestampField("Redpanda.timestamp")
                        .setCreatedTimestampField("redpanda.timestmp")
                        .build()));

        assertThat(rules.entityColumns())
                .extracting(ResolvedColumn::getColumn, ResolvedColumn::getFieldId)
                .containsExactly(tuple("redpanda.offset", 12));
        assertThat(rules.timestamp())
                .isNotNull()
                .extracting(ResolvedColumn::getColumn, ResolvedColumn::getFieldId)
                .containsExactly("redpanda.timestamp", 11);
        assertThat(rules.violations())
                .extracting(Violation::getCode, Violation::getSuggestion)
                .containsExactly(
                        tuple("COLUMN_NOT_FOUND", "redpanda.timestamp"), tuple("FEATURE_TYPE_UNSUPPORTED", null));
    }

    @Test
    void aMissingColumnIsReportedWithTheNearestName() {
        List<Violation> violations = rules(request -> request.setEntities(List.of("custmer_id"))
                        .setFeatures(List.of(Views.feature("total_order", "int64")))
                        .setSource(source(request)
                                .setTimestampField("update_at")
                                .setCreatedTimestampField("nothing_like_it")
                                .build()))
                .violations();

        assertThat(violations)
                .extracting(Violation::getField, Violation::getCode, Violation::getSuggestion)
                .containsExactly(
                        tuple("entities[0]", Code.COLUMN_NOT_FOUND.name(), "customer_id"),
                        tuple("source.timestamp_field", Code.COLUMN_NOT_FOUND.name(), "updated_at"),
                        tuple("source.created_timestamp_field", Code.COLUMN_NOT_FOUND.name(), null),
                        tuple("features[0].name", Code.COLUMN_NOT_FOUND.name(), "total_orders"));
    }

    @Test
    void aMappedEntityIsReportedAtItsMapping() {
        assertThat(violations(request -> request.setEntityColumns(Map.of("customer_id", "nothing_like_it"))))
                .containsExactly(tuple("entity_columns.customer_id", Code.COLUMN_NOT_FOUND.name()));
    }

    @Test
    void aNameThatDiffersOnlyInCaseIsAmbiguous() {
        assertThat(violations(request -> request.setFeatures(List.of(Views.feature("CODE", "string")))))
                .containsExactly(tuple("features[0].name", Code.COLUMN_AMBIGUOUS.name()));
        assertThat(violations(request -> request.setFeatures(List.of(Views.feature("Code", "string")))))
                .isEmpty();
    }

    @Test
    void aColumnIsUsedOnce() {
        assertThat(violations(request -> request.setFeatures(List.of(Views.feature("updated_at", "timestamptz")))))
                .containsExactly(tuple("features[0].name", Code.COLUMN_USED_TWICE.name()));
        assertThat(violations(request -> request.setFieldMapping(Map.of("customer_id", "total_orders"))))
                .containsExactly(tuple("features[0].name", Code.COLUMN_USED_TWICE.name()));
        assertThat(violations(
                        request -> request.setEntities(List.of("updated_at")).setFeatures(List.of())))
                .containsExactly(tuple("source.timestamp_field", Code.COLUMN_USED_TWICE.name()));
    }

    @Test
    void aFloatingPointColumnIsNotAKey() {
        assertThat(violations(request -> request.setEntities(List.of("avg_order_value"))
                        .setFeatures(List.of(Views.feature("total_orders", "int64")))))
                .containsExactly(tuple("entities[0]", Code.KEY_TYPE_UNSUPPORTED.name()));
    }

    @Test
    void timestampsHaveATimestampType() {
        assertThat(violations(request -> request.setSource(source(request)
                        .setTimestampField("note")
                        .setCreatedTimestampField("total_orders")
                        .build())))
                .containsExactly(
                        tuple("source.timestamp_field", Code.TIMESTAMP_TYPE_UNSUPPORTED.name()),
                        tuple("source.created_timestamp_field", Code.TIMESTAMP_TYPE_UNSUPPORTED.name()));
    }

    @Test
    void aVariantIsNotAFeature() {
        assertThat(violations(request -> request.setFeatures(List.of(Views.feature("blob", "string")))))
                .containsExactly(tuple("features[0].dtype", Code.FEATURE_TYPE_UNSUPPORTED.name()));
    }

    @Test
    void aDtypeIsKnownAndAcceptsItsColumn() {
        assertThat(violations(request -> request.setFeatures(List.of(Views.feature("note", "text")))))
                .containsExactly(tuple("features[0].dtype", Code.UNKNOWN_DTYPE.name()));
        Violation mismatch = rules(request -> request.setFeatures(List.of(Views.feature("total_orders", "int32"))))
                .violations()
                .getFirst();
        assertThat(mismatch.getCode()).isEqualTo(Code.TYPE_MISMATCH.name());
        assertThat(mismatch.getField()).isEqualTo("features[0].dtype");
        assertThat(mismatch.getSuggestion()).isEqualTo("int64");
    }

    private static List<Tuple> violations(UnaryOperator<RegistrationRequest.Builder> change) {
        return rules(change).violations().stream()
                .map(violation -> tuple(violation.getField(), violation.getCode()))
                .toList();
    }

    private static ColumnRules rules(UnaryOperator<RegistrationRequest.Builder> change) {
        RegistrationRequest request = change.apply(Views.request("r1")).build();
        return new ColumnRules(request, request.getSource(), SCHEMA);
    }

    private static TableSource.Builder source(RegistrationRequest.Builder request) {
        return TableSource.newBuilder(request.getSource());
    }
}
