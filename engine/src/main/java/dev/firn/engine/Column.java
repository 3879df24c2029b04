package dev.firn.engine;

/// The values of one column, row by row, in the narrowest type that represents them exactly. Immutable, so any number
/// of threads may read it. The value of a null row is unspecified: check [#isNull] first.
///
/// The arrays may be longer than [#size].
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

    /// A new column of the given rows, in the given order. Row `-1` gives null.
    Column take(int[] rows);

    private static IllegalArgumentException tooShort(int length, int size) {
        return new IllegalArgumentException("column needs %d values, got %d".formatted(size, length));
    }

    /// Throws unless `length` values can hold `size` rows.
    static void checkSize(int length, int size) {
        if (size < 0 || size > length) {
            throw tooShort(length, size);
        }
    }
}
