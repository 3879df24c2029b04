package dev.firn.retrieval.job;

import dev.firn.engine.BooleanColumn;
import dev.firn.engine.BytesColumn;
import dev.firn.engine.Column;
import dev.firn.engine.IntColumn;
import dev.firn.engine.KeyOrder;
import dev.firn.engine.LongColumn;
import dev.firn.engine.Nulls;
import dev.firn.retrieval.spine.Uuids;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Optional;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Type.TypeID;
import org.apache.iceberg.types.Types;

/// Converts a spine's key column so that it compares with a table's by value (docs/semantics.md rule 8). The result is
/// in the form in which the engine holds keys. A value that the table's type cannot hold becomes null, which matches
/// nothing.
@FunctionalInterface
interface KeyCast {
    /// Bits of the largest decimal, of 38 digits.
    int MAX_DECIMAL_BITS = 127;

    /// A [LongColumn] or [BytesColumn], as [SpineIndex][dev.firn.engine.SpineIndex] takes them.
    Column apply(Column spine);

    /// Empty if the two types do not compare.
    static Optional<KeyCast> between(Type spine, Type key) {
        if (isInteger(spine) && isInteger(key)) {
            return Optional.of(key.typeId() == TypeID.INTEGER ? KeyCast::asInts : KeyCast::asLongs);
        }
        if (spine instanceof Types.DecimalType from && isInteger(key) && from.scale() == 0) {
            return Optional.of(column -> integers((BytesColumn) column, key.typeId() == TypeID.INTEGER ? 31 : 63));
        }
        if (spine instanceof Types.DecimalType from && key instanceof Types.DecimalType to) {
            return Optional.of(column -> rescaled((BytesColumn) column, from.scale(), to));
        }
        if (spine.typeId() == TypeID.STRING && key.typeId() == TypeID.UUID) {
            return Optional.of(column -> uuids((BytesColumn) column));
        }
        if (spine.typeId() == TypeID.BINARY && key.typeId() == TypeID.STRING) {
            return Optional.of(column -> column);
        }
        if (!spine.equals(key)) {
            return Optional.empty();
        }
        return switch (key.typeId()) {
            case BOOLEAN -> Optional.of(KeyCast::booleans);
            case DATE, TIME, TIMESTAMP, TIMESTAMP_NANO -> Optional.of(KeyCast::asLongs);
            case STRING, BINARY, FIXED, UUID -> Optional.of(column -> column);
            default -> Optional.empty();
        };
    }

    /// Iceberg's sort order of a key's type.
    static KeyOrder order(Type key) {
        return switch (key.typeId()) {
            case STRING, BINARY, FIXED, UUID -> KeyOrder.UNSIGNED_BYTES;
            case DECIMAL -> KeyOrder.SIGNED_NUMBER;
            default -> KeyOrder.LONG;
        };
    }

    /// Converts back, from the form in which the engine holds keys to a column of the table's type.
    static Column toTableType(Column key, Type type) {
        if (!(key instanceof LongColumn longs)) {
            return key;
        }
        return switch (type.typeId()) {
            case BOOLEAN -> {
                boolean[] values = new boolean[longs.size()];
                for (int i = 0; i < values.length; i++) {
                    values[i] = longs.values()[i] != 0;
                }
                yield new BooleanColumn(values, values.length, longs.nulls());
            }
            case INTEGER, DATE -> {
                int[] values = new int[longs.size()];
                for (int i = 0; i < values.length; i++) {
                    values[i] = (int) longs.values()[i];
                }
                yield new IntColumn(values, values.length, longs.nulls());
            }
            default -> longs;
        };
    }

    private static boolean isInteger(Type type) {
        return type.typeId() == TypeID.INTEGER || type.typeId() == TypeID.LONG;
    }

    private static Column asLongs(Column column) {
        return column instanceof IntColumn ints ? widened(ints) : column;
    }

    private static Column asInts(Column column) {
        if (column instanceof IntColumn ints) {
            return widened(ints);
        }
        LongColumn longs = (LongColumn) column;
        Nulls.Builder nulls = new Nulls.Builder(longs.size());
        for (int i = 0; i < longs.size(); i++) {
            if (longs.isNull(i) || longs.values()[i] != (int) longs.values()[i]) {
                nulls.set(i);
            }
        }
        return new LongColumn(longs.values(), longs.size(), nulls.build());
    }

    private static LongColumn widened(IntColumn ints) {
        long[] values = new long[ints.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = ints.values()[i];
        }
        return new LongColumn(values, values.length, ints.nulls());
    }

    private static LongColumn booleans(Column column) {
        BooleanColumn booleans = (BooleanColumn) column;
        long[] values = new long[booleans.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = booleans.values()[i] ? 1 : 0;
        }
        return new LongColumn(values, values.length, booleans.nulls());
    }

    private static LongColumn integers(BytesColumn decimals, int bits) {
        LongColumn.Builder builder = new LongColumn.Builder(decimals.size());
        for (int i = 0; i < decimals.size(); i++) {
            BigInteger value = decimals.isNull(i) ? null : new BigInteger(decimals.bytes(i));
            if (value == null || value.bitLength() > bits) {
                builder.appendNull();
            } else {
                builder.append(value.longValueExact());
            }
        }
        return builder.build();
    }

    private static BytesColumn rescaled(BytesColumn decimals, int scale, Types.DecimalType to) {
        BytesColumn.Builder builder = new BytesColumn.Builder(decimals.size());
        for (int i = 0; i < decimals.size(); i++) {
            BigInteger unscaled = decimals.isNull(i) ? null : new BigInteger(decimals.bytes(i));
            // a damaged file may hold a number of any length, and stripping its zeros takes quadratic time
            if (unscaled == null || unscaled.bitLength() > MAX_DECIMAL_BITS) {
                builder.appendNull();
                continue;
            }
            BigDecimal value = new BigDecimal(unscaled, scale).stripTrailingZeros();
            if (value.scale() > to.scale()) {
                builder.appendNull();
                continue;
            }
            BigDecimal same = value.setScale(to.scale(), RoundingMode.UNNECESSARY);
            if (same.precision() > to.precision()) {
                builder.appendNull();
            } else {
                builder.append(same.unscaledValue().toByteArray());
            }
        }
        return builder.build();
    }

    private static BytesColumn uuids(BytesColumn texts) {
        BytesColumn.Builder builder = new BytesColumn.Builder(texts.size());
        for (int i = 0; i < texts.size(); i++) {
            Optional<byte[]> uuid = texts.isNull(i) ? Optional.empty() : Uuids.parse(texts.string(i));
            if (uuid.isPresent()) {
                builder.append(uuid.get());
            } else {
                builder.appendNull();
            }
        }
        return builder.build();
    }
}
