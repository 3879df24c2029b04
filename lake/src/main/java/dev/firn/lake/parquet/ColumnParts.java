package dev.firn.lake.parquet;

import dev.firn.engine.BooleanColumn;
import dev.firn.engine.BytesColumn;
import dev.firn.engine.Column;
import dev.firn.engine.DictionaryColumn;
import dev.firn.engine.DoubleColumn;
import dev.firn.engine.FloatColumn;
import dev.firn.engine.IntColumn;
import dev.firn.engine.LongColumn;
import dev.firn.engine.Nulls;
import dev.firn.engine.ObjectColumn;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Concatenates columns of one kind.
public final class ColumnParts {
    private ColumnParts() {}

    /// Throws [IllegalArgumentException] if the bytes of all parts exceed the limit of one column.
    public static Column concatenated(List<Column> parts) {
        if (parts.size() == 1) {
            return parts.getFirst();
        }
        int size = 0;
        for (Column part : parts) {
            size = Math.addExact(size, part.size());
        }
        Nulls nulls = nulls(parts, size);
        return switch (parts.getFirst()) {
            case BooleanColumn _ -> new BooleanColumn(array(parts, new boolean[size]), size, nulls);
            case IntColumn _ -> new IntColumn(array(parts, new int[size]), size, nulls);
            case LongColumn _ -> new LongColumn(array(parts, new long[size]), size, nulls);
            case FloatColumn _ -> new FloatColumn(array(parts, new float[size]), size, nulls);
            case DoubleColumn _ -> new DoubleColumn(array(parts, new double[size]), size, nulls);
            case ObjectColumn _ -> new ObjectColumn(array(parts, new @Nullable Object[size]), size, nulls);
            case BytesColumn _ -> bytes(parts, size, nulls);
            case DictionaryColumn _ ->
                concatenated(parts.stream()
                        .<Column>map(part -> ((DictionaryColumn) part).expanded())
                        .toList());
        };
    }

    private static <A> A array(List<Column> parts, A target) {
        int at = 0;
        for (Column part : parts) {
            System.arraycopy(valuesOf(part), 0, target, at, part.size());
            at += part.size();
        }
        return target;
    }

    private static Object valuesOf(Column column) {
        return switch (column) {
            case BooleanColumn of -> of.values();
            case IntColumn of -> of.values();
            case LongColumn of -> of.values();
            case FloatColumn of -> of.values();
            case DoubleColumn of -> of.values();
            case ObjectColumn of -> of.values();
            case BytesColumn of -> of.data();
            case DictionaryColumn _ -> throw new IllegalArgumentException("a dictionary column has no array of values");
        };
    }

    private static Nulls nulls(List<Column> parts, int size) {
        Nulls.Builder nulls = new Nulls.Builder(size);
        int at = 0;
        for (Column part : parts) {
            if (part.nulls().any()) {
                for (int i = 0; i < part.size(); i++) {
                    if (part.isNull(i)) {
                        nulls.set(at + i);
                    }
                }
            }
            at += part.size();
        }
        return nulls.build();
    }

    private static BytesColumn bytes(List<Column> parts, int size, Nulls nulls) {
        long total = 0;
        for (Column part : parts) {
            BytesColumn of = (BytesColumn) part;
            total += of.offsets()[of.size()] - of.offsets()[0];
        }
        if (total > Integer.MAX_VALUE - 16) {
            throw new IllegalArgumentException(
                    "%d rows need %d bytes, which exceeds the limit of one column".formatted(size, total));
        }
        byte[] data = new byte[(int) total];
        int[] offsets = new int[size + 1];
        int row = 0;
        for (Column part : parts) {
            BytesColumn of = (BytesColumn) part;
            int first = of.offsets()[0];
            int start = offsets[row];
            System.arraycopy(of.data(), first, data, start, of.offsets()[of.size()] - first);
            for (int i = 1; i <= of.size(); i++) {
                offsets[++row] = start + of.offsets()[i] - first;
            }
        }
        return new BytesColumn(data, offsets, size, nulls);
    }
}
