package dev.firn.engine;

/// Values of one column, row by row, in the narrowest form that keeps them exactly. Immutable, and safe to read from
/// several threads. The value of a null row is unspecified: ask [#isNull] first.
///
/// A value's array may be longer than [#size].
public sealed interface Column
        permits BooleanColumn,
                IntColumn,
                LongColumn,
                FloatColumn,
                DoubleColumn,
                BytesColumn,
                DictionaryColumn,
                ObjectColumn {
    int size();

    Nulls nulls();

    default boolean isNull(int row) {
        return nulls().isNull(row);
    }

    /// A new column of the given rows in the given order; `-1` gives null.
    Column take(int[] rows);

    private static IllegalArgumentException tooShort(int length, int size) {
        return new IllegalArgumentException("%d values are no column of %d rows".formatted(length, size));
    }

    /// Throws unless `length` values can hold `size` rows.
    static void checkSize(int length, int size) {
        if (size < 0 || size > length) {
            throw tooShort(length, size);
        }
    }
}
