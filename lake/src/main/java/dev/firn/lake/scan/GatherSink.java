package dev.firn.lake.scan;

import dev.firn.engine.Column;
import java.util.List;

/// Takes gathered values, from several threads at once and in no order.
public interface GatherSink {
    /// @param first which of the gathered addresses the first row belongs to; the other rows follow it
    /// @param columns the asked fields, in their order; the receiver's to keep
    void accept(int first, List<Column> columns);
}
