package dev.firn.lake.storage;

import java.io.IOException;
import java.util.Arrays;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;

/// Checks that an Avro file is complete: it ends with the sync marker that its header names. Avro's reader
/// takes the end of the bytes for the end of the rows, even in the middle of a block, so a manifest list that
/// is cut off would lose manifests without a trace. Nothing says how long a manifest list is.
final class AvroEnding {
    static final String SUFFIX = ".avro";
    private static final byte[] MAGIC = {'O', 'b', 'j', 1};
    private static final int SYNC_BYTES = 16;

    private AvroEnding() {}

    /// Leaves the stream at its start. Throws [FileChangedException] if the file ends elsewhere.
    static void check(StoreStream stream, long length) {
        try {
            byte[] expected = sync(stream);
            byte[] actual = new byte[SYNC_BYTES];
            if (expected.length == SYNC_BYTES && length >= SYNC_BYTES) {
                stream.readFully(length - SYNC_BYTES, actual, 0, SYNC_BYTES);
                stream.seek(0);
                if (Arrays.equals(expected, actual)) {
                    return;
                }
            }
        } catch (IOException | RuntimeException e) {
            if (e instanceof RuntimeException fault && !(e instanceof org.apache.avro.AvroRuntimeException)) {
                throw fault;
            }
        }
        throw new FileChangedException(
                "[%s] is not a complete Avro file: it was cut off or overwritten".formatted(stream));
    }

    private static byte[] sync(StoreStream stream) throws IOException {
        BinaryDecoder header = DecoderFactory.get().directBinaryDecoder(stream, null);
        byte[] magic = new byte[MAGIC.length];
        header.readFixed(magic);
        if (!Arrays.equals(magic, MAGIC)) {
            return new byte[0];
        }
        for (long entries = header.readMapStart(); entries != 0; entries = header.mapNext()) {
            for (long i = 0; i < entries; i++) {
                header.skipString();
                header.skipBytes();
            }
        }
        byte[] sync = new byte[SYNC_BYTES];
        header.readFixed(sync);
        return sync;
    }
}
