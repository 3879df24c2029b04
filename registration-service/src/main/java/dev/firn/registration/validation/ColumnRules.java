package dev.firn.registration.validation;

import dev.firn.events.FeatureSpec;
import dev.firn.events.RegistrationRequest;
import dev.firn.events.ResolvedColumn;
import dev.firn.events.TableSource;
import dev.firn.events.Violation;
import dev.firn.lake.catalog.ColumnResolver;
import dev.firn.lake.catalog.ColumnRole;
import dev.firn.lake.catalog.Dtype;
import dev.firn.schemas.Code;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/// Resolves a definition's columns in the table's schema and collects every violation.
final class ColumnRules {
    private final RegistrationRequest request;
    private final TableSource source;
    private final Schema schema;
    private final ColumnResolver resolver;
    private final List<Violation> violations = new ArrayList<>();
    private final List<ResolvedColumn> entities = new ArrayList<>();
    private final List<ResolvedColumn> features = new ArrayList<>();
    private final Map<Integer, String> usedAs = new HashMap<>();
    private @Nullable ResolvedColumn timestamp;
    private @Nullable ResolvedColumn created;

    ColumnRules(RegistrationRequest request, TableSource source, Schema schema) {
        this.request = request;
        this.source = source;
        this.schema = schema;
        this.resolver = new ColumnResolver(schema);
        entities();
        timestamps();
        features();
    }

    List<Violation> violations() {
        return List.copyOf(violations);
    }

    List<ResolvedColumn> entityColumns() {
        return List.copyOf(entities);
    }

    List<ResolvedColumn> featureColumns() {
        return List.copyOf(features);
    }

    /// Not null if there are no violations.
    @Nullable
    ResolvedColumn timestamp() {
        return timestamp;
    }

    @Nullable
    ResolvedColumn created() {
        return created;
    }

    private void entities() {
        for (int i = 0; i < request.getEntities().size(); i++) {
            String entity = request.getEntities().get(i);
            String path = request.getEntityColumns().containsKey(entity)
                    ? "entity_columns." + RequestRules.printable(entity)
                    : "entities[%d]".formatted(i);
            NestedField field = column(path, request.getEntityColumns().getOrDefault(entity, entity));
            if (field == null) {
                continue;
            }
            if (!ColumnRole.KEY.accepts(field.type())) {
                add(
                        Code.KEY_TYPE_UNSUPPORTED,
                        path,
                        "column '%s' is %s, which cannot be a join key".formatted(field.name(), field.type()));
            }
            use(field, path, "an entity");
            entities.add(resolved(entity, field).build());
        }
    }

    private void timestamps() {
        NestedField event = column("source.timestamp_field", source.getTimestampField());
        if (event != null) {
            timestampType("source.timestamp_field", event, ColumnRole.TIMESTAMP);
            use(event, "source.timestamp_field", "the timestamp");
            timestamp = resolved(source.getTimestampField(), event).build();
        }
        String createdField = source.getCreatedTimestampField();
        if (createdField == null) {
            return;
        }
        NestedField field = column("source.created_timestamp_field", createdField);
        if (field != null) {
            timestampType("source.created_timestamp_field", field, ColumnRole.CREATED);
            created = resolved(createdField, field).build();
        }
    }

    private void timestampType(String path, NestedField field, ColumnRole role) {
        if (!role.accepts(field.type())) {
            add(
                    Code.TIMESTAMP_TYPE_UNSUPPORTED,
                    path,
                    "column '%s' is %s; it must be timestamp, timestamptz, timestamp_ns, timestamptz_ns or date"
                            .formatted(field.name(), field.type()));
        }
    }

    private void features() {
        Map<String, String> columns = new HashMap<>();
        request.getFieldMapping().forEach((column, feature) -> columns.put(feature, column));
        for (int i = 0; i < request.getFeatures().size(); i++) {
            FeatureSpec feature = request.getFeatures().get(i);
            String path = "features[%d]".formatted(i);
            Dtype dtype = dtype(path, feature);
            NestedField field = column(path + ".name", columns.getOrDefault(feature.getName(), feature.getName()));
            if (field == null) {
                continue;
            }
            featureType(path + ".dtype", feature, dtype, field);
            use(field, path + ".name", "a feature");
            features.add(resolved(feature.getName(), field)
                    .setDtype(dtype == null ? feature.getDtype() : dtype.toString())
                    .setDescription(feature.getDescription())
                    .setTags(feature.getTags())
                    .build());
        }
    }

    private @Nullable Dtype dtype(String path, FeatureSpec feature) {
        try {
            return Dtype.parse(feature.getDtype());
        } catch (IllegalArgumentException e) {
            add(
                    Code.UNKNOWN_DTYPE,
                    path + ".dtype",
                    "'%s' is not a dtype: %s".formatted(RequestRules.printable(feature.getDtype()), e.getMessage()));
            return null;
        }
    }

    private void featureType(String path, FeatureSpec feature, @Nullable Dtype dtype, NestedField field) {
        if (!ColumnRole.FEATURE.accepts(field.type())) {
            add(
                    Code.FEATURE_TYPE_UNSUPPORTED,
                    path,
                    "column '%s' is %s, which cannot be a feature".formatted(field.name(), field.type()));
        } else if (isWithinStruct(field) && !field.type().isPrimitiveType()) {
            add(
                    Code.FEATURE_TYPE_UNSUPPORTED,
                    path,
                    "column '%s' is %s within a struct; name the whole struct, or a field of it that is not nested"
                            .formatted(field.name(), field.type()));
        } else if (dtype != null && !dtype.accepts(field.type())) {
            String right = Dtype.of(field.type()).map(Object::toString).orElse("");
            violations.add(DidYouMean.violation(
                    Code.TYPE_MISMATCH,
                    path,
                    "column '%s' is %s, which dtype %s does not accept"
                            .formatted(field.name(), field.type(), feature.getDtype()),
                    right.isEmpty() ? null : right));
        }
    }

    private boolean isWithinStruct(NestedField field) {
        return schema.asStruct().field(field.fieldId()) == null;
    }

    /// A column has one use: a feature is neither a key nor the timestamp, and two features are two columns.
    private void use(NestedField field, String path, String what) {
        String before = usedAs.putIfAbsent(field.fieldId(), what);
        if (before != null) {
            add(Code.COLUMN_USED_TWICE, path, "column '%s' is already %s of this view".formatted(field.name(), before));
        }
    }

    private @Nullable NestedField column(String path, String name) {
        return switch (resolver.resolve(name)) {
            case ColumnResolver.Resolution.Found found -> found.column();
            case ColumnResolver.Resolution.Missing missing -> {
                violations.add(DidYouMean.violation(
                        Code.COLUMN_NOT_FOUND,
                        path,
                        "table %s.%s.%s has no column '%s'"
                                .formatted(
                                        source.getCatalog(),
                                        source.getSchema$(),
                                        source.getTableName(),
                                        RequestRules.printable(name)),
                        missing.nearest().orElse(null)));
                yield null;
            }
            case ColumnResolver.Resolution.Ambiguous ambiguous -> {
                add(
                        Code.COLUMN_AMBIGUOUS,
                        path,
                        "column '%s' is ambiguous: it could be %s; spell it exactly"
                                .formatted(name, ambiguous.candidates()));
                yield null;
            }
        };
    }

    private static ResolvedColumn.Builder resolved(String name, NestedField field) {
        return ResolvedColumn.newBuilder()
                .setName(name)
                .setColumn(field.name())
                .setFieldId(field.fieldId())
                .setType(field.type().toString());
    }

    private void add(Code code, String path, String message) {
        violations.add(code.violation(path, message));
    }
}
