package dev.firn.lake.storage;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.file.SeekableByteArrayInput;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.iceberg.inmemory.InMemoryInputFile;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.SeekableInputStream;
import org.jspecify.annotations.Nullable;

/// A manifest or manifest list, taken from the cache if it is there, and kept if all its records can be decoded. For
/// one thread.
public final class AvroFile implements InputFile {
    static final String WHOLE = "whole";

    /// A larger file is read in windows, and not kept.
    private static final long MAX_BYTES = 16L << 20;

    private final StoreInput file;
    private byte @Nullable [] content;

    private AvroFile(StoreInput file) {
        this.file = file;
    }

    /// The file itself if nothing is kept of it, or it is too large.
    public static InputFile of(InputFile file) {
        return file instanceof StoreInput input && input.isKept() && input.claimedLength() <= MAX_BYTES
                ? new AvroFile(input)
                : file;
    }

    private byte[] content() {
        byte[] bytes = content;
        if (bytes == null) {
            bytes = file.kept(WHOLE, byte[].class).orElseGet(this::read);
            content = bytes;
        }
        return bytes;
    }

    private byte[] read() {
        byte[] bytes;
        try (StoreStream stream = file.newStream()) {
            bytes = stream.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (bytes.length <= MAX_BYTES && isSound(bytes)) {
            file.keep(WHOLE, bytes, bytes.length);
        }
        return bytes;
    }

    private static boolean isSound(byte[] bytes) {
        try (DataFileReader<Object> records =
                new DataFileReader<>(new SeekableByteArrayInput(bytes), new GenericDatumReader<>())) {
            for (Object record = null; records.hasNext(); ) {
                record = records.next(record);
            }
            return true;
        } catch (IOException | RuntimeException damaged) {
            // Iceberg reads the same bytes next, and says what is wrong with them
            return false;
        }
    }

    @Override
    public long getLength() {
        return content().length;
    }

    @Override
    public SeekableInputStream newStream() {
        return new InMemoryInputFile(file.location(), content()).newStream();
    }

    @Override
    public String location() {
        return file.location();
    }

    @Override
    public boolean exists() {
        return file.exists();
    }

    @Override
    public String toString() {
        return file.location();
    }
}
