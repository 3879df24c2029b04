package dev.firn.lake.scan;

import dev.firn.engine.BytesColumn;
import dev.firn.engine.Column;
import dev.firn.engine.LongColumn;
import dev.firn.lake.catalog.PinnedTable;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.apache.iceberg.Schema;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.expressions.Literal;
import org.apache.iceberg.transforms.Transform;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/// The bounds of the spine as an Iceberg expression, which is projected onto partitions.
///
/// Iceberg binds the expression by name in the table's current schema, which the partition specs have. A column is
/// included only if its type is the same there, and never if it is a uuid (apache/iceberg#14216).
final class PartitionFilter {
    /// Iceberg's evaluators ignore larger sets; a range is used instead.
    private static final int MAX_SET = 200;

    private static final long MICROS_PER_HOUR = 3_600_000_000L;

    private final PinnedTable table;
    private final Schema current;
    private final FeatureColumns columns;
    private final ScanBounds bounds;
    private final BoundsCheck check;

    PartitionFilter(PinnedTable table, FeatureColumns columns, ScanBounds bounds, BoundsCheck check) {
        this.table = table;
        this.current = table.iceberg().schema();
        this.columns = columns;
        this.bounds = bounds;
        this.check = check;
    }

    Expression expression() {
        Expression all = times();
        for (int k = 0; k < bounds.keys().size(); k++) {
            all = Expressions.and(
                    all, key(columns.keyFieldIds().get(k), bounds.keys().get(k)));
        }
        return all;
    }

    private Optional<String> name(int fieldId) {
        return Objects.equals(table.schema().findType(fieldId), current.findType(fieldId))
                ? Optional.ofNullable(current.findColumnName(fieldId))
                : Optional.empty();
    }

    private Expression times() {
        Type type = table.schema().findType(columns.timestampFieldId());
        return name(columns.timestampFieldId())
                .map(name -> Expressions.and(
                        check.earliest() == Long.MIN_VALUE
                                ? Expressions.alwaysTrue()
                                : compare(Expression.Operation.GT_EQ, name, type, check.earliest()),
                        check.latest() == Long.MAX_VALUE
                                ? Expressions.alwaysTrue()
                                : compare(Expression.Operation.LT_EQ, name, type, check.latest())))
                .orElse(Expressions.alwaysTrue());
    }

    private static Expression compare(Expression.Operation operation, String name, Type type, long value) {
        return literal(type, value)
                .<Expression>map(literal -> Expressions.predicate(operation, name, literal))
                .orElse(Expressions.alwaysTrue());
    }

    private Expression key(int fieldId, Column values) {
        Type type = table.schema().findType(fieldId);
        Optional<String> name = name(fieldId);
        if (values.size() == 0) {
            return Expressions.alwaysFalse();
        }
        if (name.isEmpty() || type.typeId() == Type.TypeID.UUID) {
            return Expressions.alwaysTrue();
        }
        if (values.size() <= MAX_SET && type.typeId() != Type.TypeID.BOOLEAN) {
            return oneOf(name.get(), type, values);
        }
        if (values instanceof LongColumn longs && wraps(fieldId, type, longs.values()[0])) {
            return Expressions.alwaysTrue();
        }
        return Expressions.and(
                bound(Expression.Operation.GT_EQ, name.get(), type, values, 0),
                bound(Expression.Operation.LT_EQ, name.get(), type, values, values.size() - 1));
    }

    /// Whether the partition value of this key is above the key. If `truncate` goes below the minimum of the type
    /// it wraps around, in Iceberg's evaluators and its writers alike, so a range of keys is not a range of
    /// partitions.
    private boolean wraps(int fieldId, Type type, long least) {
        Object key = literal(type, least).map(Literal::value).orElse(null);
        return key != null
                && table.iceberg().specs().values().stream()
                        .flatMap(spec -> spec.getFieldsBySourceId(fieldId).stream())
                        .anyMatch(field -> startsAfter(field.transform(), type, key));
    }

    @SuppressWarnings("unchecked") // a transform of a type takes and, if it results in the type, gives values of it
    private static boolean startsAfter(Transform<?, ?> transform, Type type, Object key) {
        if (!transform.canTransform(type) || !transform.getResultType(type).equals(type)) {
            return false;
        }
        Object start = ((Transform<Object, Object>) transform).bind(type).apply(key);
        return start != null && ((Comparable<Object>) key).compareTo(start) < 0;
    }

    private static Expression oneOf(String name, Type type, Column values) {
        Expression any = Expressions.alwaysFalse();
        List<Object> set = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            Optional<Literal<?>> literal = literal(type, values, i);
            if (literal.isEmpty()) {
                return Expressions.alwaysTrue();
            }
            if (type.typeId() == Type.TypeID.TIMESTAMP_NANO) {
                any = Expressions.or(any, Expressions.predicate(Expression.Operation.EQ, name, literal.get()));
            } else {
                set.add(literal.get().value());
            }
        }
        return set.isEmpty() ? any : Expressions.in(name, set);
    }

    private static Expression bound(Expression.Operation operation, String name, Type type, Column values, int row) {
        return literal(type, values, row)
                .<Expression>map(literal -> Expressions.predicate(operation, name, literal))
                .orElse(Expressions.alwaysTrue());
    }

    private static Optional<Literal<?>> literal(Type type, Column values, int row) {
        return switch (values) {
            case LongColumn longs -> literal(type, longs.values()[row]);
            case BytesColumn bytes -> Optional.of(literal(type, bytes, row));
            default -> Optional.empty();
        };
    }

    private static Literal<?> literal(Type type, BytesColumn bytes, int row) {
        return switch (type) {
            case Types.StringType _ -> Literal.of(bytes.string(row));
            case Types.DecimalType decimal ->
                Literal.of(new BigDecimal(new BigInteger(bytes.bytes(row)), decimal.scale()));
            default -> Literal.of(ByteBuffer.wrap(bytes.bytes(row)));
        };
    }

    /// Iceberg counts hours in an int, which overflows about 245,000 years after 1970.
    private static boolean isOfAnHour(long micros) {
        return Math.abs(micros / MICROS_PER_HOUR) < Integer.MAX_VALUE - 1;
    }

    /// Empty if the type or one of its transforms cannot hold the value; then it rules nothing out.
    private static Optional<Literal<?>> literal(Type type, long value) {
        return switch (type.typeId()) {
            case BOOLEAN -> Optional.of(Literal.of(value != 0));
            case INTEGER, DATE -> value == (int) value ? Optional.of(Literal.of((int) value)) : Optional.empty();
            case LONG, TIME -> Optional.of(Literal.of(value));
            case TIMESTAMP -> isOfAnHour(value) ? Optional.of(Expressions.micros(value)) : Optional.empty();
            case TIMESTAMP_NANO -> Optional.of(Expressions.nanos(value));
            default -> Optional.empty();
        };
    }
}
