package dev.firn.lake.storage;

import java.io.EOFException;
import java.io.IOException;
import java.util.function.Supplier;
import org.apache.iceberg.io.SeekableInputStream;
import org.jspecify.annotations.Nullable;

/// Ranges from a stream of any file IO, which is opened again after a fault.
final class StreamedRanges implements FileRangeReader {
    private final Supplier<SeekableInputStream> opener;
    private @Nullable SeekableInputStream stream;

    StreamedRanges(Supplier<SeekableInputStream> opener) {
        this.opener = opener;
    }

    @Override
    public int read(long position, byte[] target, int from, int count) throws IOException {
        try {
            SeekableInputStream open = stream;
            if (open == null) {
                open = opener.get();
                stream = open;
            }
            if (open.getPos() != position) {
                open.seek(position);
            }
            return open.readNBytes(target, from, count);
        } catch (EOFException e) {
            // some file systems refuse to go beyond the end of a file
            close();
            return 0;
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    @Override
    public void close() {
        SeekableInputStream open = stream;
        stream = null;
        if (open != null) {
            try {
                open.close();
            } catch (IOException | RuntimeException e) {
                // nothing was written, and what was read has been returned
            }
        }
    }
}
