package dev.firn.lake.parquet;

import dev.firn.lake.LakeFaults;
import java.io.IOException;
import java.util.function.Consumer;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.crypto.ParquetCryptoRuntimeException;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.schema.MessageType;

/// The footer of a file.
///
/// @param schema that of the footer, with lists in today's form ([OldLists])
record Footer(ParquetMetadata stored, MessageType schema) {
    /// Of a column chunk in memory, without its statistics.
    private static final long BYTES_PER_COLUMN_CHUNK = 600;

    /// Throws [CorruptParquetException] if the file is not Parquet, [UnreadableColumnException] if it is encrypted, and
    /// other exceptions if the store is unavailable.
    ///
    /// @param ignored receives the optional parts of the footer that cannot be right and why
    static Footer read(ParquetBytes bytes, ParquetBytes.CountedStream stream, Consumer<String> ignored)
            throws IOException {
        ParquetMetadata stored = stored(bytes, stream, ignored);
        return new Footer(stored, OldLists.modern(stored.getFileMetaData().getSchema()));
    }

    private static ParquetMetadata stored(
            ParquetBytes bytes, ParquetBytes.CountedStream stream, Consumer<String> ignored) throws IOException {
        try {
            return ParquetFileReader.readFooter(bytes, options(), stream);
        } catch (IOException | RuntimeException e) {
            if (LakeFaults.cause(e, ParquetCryptoRuntimeException.class).isPresent()) {
                throw new UnreadableColumnException("is encrypted, which Firn does not read");
            }
            RuntimeException fault = CorruptParquetException.ofLibrary("unreadable footer", e);
            if (!(fault instanceof CorruptParquetException)) {
                throw fault;
            }
            ParquetMetadata bare;
            try {
                bare = BareFooter.read(stream, bytes.getLength());
            } catch (IOException | RuntimeException again) {
                fault.addSuppressed(again);
                throw fault;
            }
            ignored.accept("statistics and indexes: " + fault.getMessage());
            return bare;
        }
    }

    /// New for each use, because the codecs in the options are for one thread.
    static ParquetReadOptions options() {
        return ParquetReadOptions.builder(new PlainParquetConfiguration())
                .withCodecFactory(new BoundedCodecs())
                .usePageChecksumVerification()
                .build();
    }

    /// Number of column chunks, which determines the size of the footer in memory.
    long columnChunks() {
        return (long) stored.getBlocks().size() * schema.getColumns().size();
    }

    /// About what the footer takes in memory. Reads its length from the file.
    long heapBytes(ParquetBytes.CountedStream stream, long fileLength) throws IOException {
        return BareFooter.length(stream, fileLength) + columnChunks() * BYTES_PER_COLUMN_CHUNK;
    }
}
