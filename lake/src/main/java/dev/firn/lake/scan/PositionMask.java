package dev.firn.lake.scan;

import java.util.List;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.data.DeleteLoader;
import org.apache.iceberg.deletes.PositionDeleteIndex;

/// A bit for each row of a data file that a position delete or deletion vector hides. Filled by one thread, then
/// read by many.
final class PositionMask {
    private final long rows;
    private long[] words = new long[0];

    PositionMask(long rows) {
        this.rows = rows;
    }

    void add(DeleteLoader loader, List<DeleteFile> deletes, PlannedFile file) {
        if (deletes.isEmpty()) {
            return;
        }
        PositionDeleteIndex index = loader.loadPositionDeletes(deletes, file.location());
        if (index.isEmpty()) {
            return;
        }
        if (words.length == 0) {
            words = new long[Math.toIntExact((rows + 63) >>> 6)];
        }
        index.forEach(position -> {
            if (position >= 0 && position < rows) {
                words[(int) (position >>> 6)] |= 1L << position;
            }
        });
    }

    boolean isEmpty() {
        return words.length == 0;
    }

    /// Marks rows `position` and following that are hidden.
    void mark(long position, int size, boolean[] deleted) {
        if (words.length == 0) {
            return;
        }
        for (int i = 0; i < size; i++) {
            long at = position + i;
            if ((words[(int) (at >>> 6)] & (1L << at)) != 0) {
                deleted[i] = true;
            }
        }
    }
}
