package dev.firn.engine;

/// Builds a column row by row. Each implementation has an `append` for its type. Do not use a builder after [#build].
/// Not thread-safe.
public sealed interface ColumnBuilder
        permits BooleanColumn.Builder,
                IntColumn.Builder,
                LongColumn.Builder,
                FloatColumn.Builder,
                DoubleColumn.Builder,
                BytesColumn.Builder,
                ObjectColumn.Builder {
    /// The number of rows appended so far.
    int size();

    ColumnBuilder appendNull();

    Column build();
}
