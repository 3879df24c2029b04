package dev.firn.retrieval.job;

import dev.firn.lake.scan.ScanCounts;
import dev.firn.lake.scan.TableScan;

/// A stream through a table that one or more views took part in. It is closed when the last of them leaves. For one
/// thread.
final class TablePass {
    private final TableScan scan;
    private int views;
    private long bytesCounted;

    TablePass(TableScan scan, int views) {
        this.scan = scan;
        this.views = views;
    }

    TableScan scan() {
        return scan;
    }

    /// The counts of the pass. Each byte is counted for one view only: the first one has those of the stream, and
    /// each has those that it gathered.
    ScanCounts counts() {
        ScanCounts all = scan.counts();
        long own = all.bytesRead() - bytesCounted;
        bytesCounted = all.bytesRead();
        return all.withBytesRead(own);
    }

    /// A view needs the pass no longer.
    void leave() {
        if (--views == 0) {
            scan.close();
        }
    }
}
