package dev.firn.lake.scan;

import dev.firn.engine.Column;
import java.util.List;

/// Receives gathered values, from several threads at once and in any order.
public interface GatherSink {
    /// @param first the index of the address of the first row; the other rows follow in order
    /// @param columns the requested fields in order; the receiver owns them
    void accept(int first, List<Column> columns);
}
