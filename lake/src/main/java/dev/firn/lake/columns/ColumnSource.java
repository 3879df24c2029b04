package dev.firn.lake.columns;

import dev.firn.lake.columns.ColumnLayout.Form;
import java.io.IOException;

/// Reads a column from its file and passes it on, or throws if it cannot.
public interface ColumnSource {
    Form form();

    /// Bytes of a value or a code; 0 for strings.
    int width();

    long rows();

    void writeTo(ColumnWriter target) throws IOException;

    /// Opens a source. It is called in another thread and later, if at all.
    interface Opening extends AutoCloseable {
        /// About the size of the column's file, without reading anything; rather too small than too large.
        long estimatedBytes();

        ColumnSource open();

        @Override
        void close();
    }
}
