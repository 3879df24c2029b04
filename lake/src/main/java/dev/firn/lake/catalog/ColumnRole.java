package dev.firn.lake.catalog;

import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/// What a view uses a column for, and which Iceberg types that allows.
public enum ColumnRole {
    /// A join key. Equality must be exact: no floating point and no nested types (docs/semantics.md rule 8).
    KEY,
    /// The event timestamp (docs/semantics.md rule 7).
    TIMESTAMP,
    /// The created timestamp, of the same types as the event timestamp.
    CREATED,
    /// A feature; its dtype says which types it may have.
    FEATURE;

    public boolean accepts(Type type) {
        return switch (this) {
            case KEY -> isKey(type);
            case TIMESTAMP, CREATED -> isTimestamp(type);
            case FEATURE -> isFeature(type);
        };
    }

    private static boolean isKey(Type type) {
        return switch (type.typeId()) {
            case BOOLEAN, INTEGER, LONG, DATE, TIME, TIMESTAMP, TIMESTAMP_NANO, STRING, UUID, FIXED, BINARY, DECIMAL ->
                true;
            case FLOAT, DOUBLE, STRUCT, LIST, MAP, VARIANT, GEOMETRY, GEOGRAPHY, UNKNOWN -> false;
        };
    }

    private static boolean isTimestamp(Type type) {
        return switch (type.typeId()) {
            case DATE, TIMESTAMP, TIMESTAMP_NANO -> true;
            case BOOLEAN,
                    INTEGER,
                    LONG,
                    TIME,
                    STRING,
                    UUID,
                    FIXED,
                    BINARY,
                    DECIMAL,
                    FLOAT,
                    DOUBLE,
                    STRUCT,
                    LIST,
                    MAP,
                    VARIANT,
                    GEOMETRY,
                    GEOGRAPHY,
                    UNKNOWN -> false;
        };
    }

    private static boolean isFeature(Type type) {
        return switch (type.typeId()) {
            case VARIANT, GEOMETRY, GEOGRAPHY, UNKNOWN -> false;
            case STRUCT ->
                type.asStructType().fields().stream()
                        .map(Types.NestedField::type)
                        .allMatch(ColumnRole::isFeature);
            case LIST -> isFeature(type.asListType().elementType());
            case MAP ->
                isFeature(type.asMapType().keyType())
                        && isFeature(type.asMapType().valueType());
            case BOOLEAN,
                    INTEGER,
                    LONG,
                    FLOAT,
                    DOUBLE,
                    DATE,
                    TIME,
                    TIMESTAMP,
                    TIMESTAMP_NANO,
                    STRING,
                    UUID,
                    FIXED,
                    BINARY,
                    DECIMAL -> true;
        };
    }
}
