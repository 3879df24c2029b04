package dev.firn.engine;

/// Appends the rows of one column. The typed `append` is the implementation's; after [#build] the builder is of no
/// use. Not thread-safe.
public sealed interface ColumnBuilder
        permits BooleanColumn.Builder,
                IntColumn.Builder,
                LongColumn.Builder,
                FloatColumn.Builder,
                DoubleColumn.Builder,
                BytesColumn.Builder,
                ObjectColumn.Builder {
    /// Rows appended so far.
    int size();

    ColumnBuilder appendNull();

    Column build();
}
