package dev.firn.lake.scratch;

import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeOutage;
import dev.firn.lake.Reason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.UUID;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.PositionOutputStream;
import org.apache.iceberg.io.SeekableInputStream;
import org.jspecify.annotations.Nullable;

/// A temporary file. It is created for its owner alone and loses its name at once, so nobody else can open it,
/// and it is gone when the process ends, even by a kill. Written once, then mapped and read. Closing unmaps it:
/// no reader may use it any more.
///
/// Throws `SCRATCH_FULL` when the quota or the disk is full.
public final class ScratchFile implements AutoCloseable {
    private static final String SCHEME = "scratch:";

    private final Scratch scratch;
    private final String name;
    private final FileChannel channel;
    private final Arena arena = Arena.ofShared();
    private @Nullable MemorySegment mapped;
    private long reserved;

    private ScratchFile(Scratch scratch, String name, FileChannel channel) {
        this.scratch = scratch;
        this.name = name;
        this.channel = channel;
    }

    static ScratchFile create(Scratch scratch) {
        Path path = scratch.folder().resolve("spill-" + UUID.randomUUID());
        try {
            boolean posix = Files.getFileStore(path.getParent()).supportsFileAttributeView("posix");
            FileAttribute<?>[] ownerOnly = posix
                    ? new FileAttribute<?>[] {
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                    }
                    : new FileAttribute<?>[0];
            FileChannel channel = FileChannel.open(
                    path,
                    Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE),
                    ownerOnly);
            Files.delete(path);
            return new ScratchFile(scratch, path.getFileName().toString(), channel);
        } catch (IOException e) {
            throw full(path.toString(), e);
        }
    }

    /// A file that writes to a device, for tests.
    static ScratchFile over(Scratch scratch, Path device) throws IOException {
        return new ScratchFile(scratch, device.toString(), FileChannel.open(device, StandardOpenOption.WRITE));
    }

    /// Whatever the disk says, it is not the fault of the file that a user named.
    private static LakeOutage full(String where, IOException fault) {
        return new LakeOutage(
                LakeCode.SCRATCH_FULL,
                "[%s] a temporary file cannot be written: %s".formatted(where, Reason.of(fault)),
                fault);
    }

    /// For writing the file once.
    public OutputFile output() {
        return new OutputFile() {
            @Override
            public PositionOutputStream create() {
                return new Output();
            }

            @Override
            public PositionOutputStream createOrOverwrite() {
                return new Output();
            }

            @Override
            public String location() {
                return SCHEME + name;
            }

            @Override
            public InputFile toInputFile() {
                return new Input();
            }
        };
    }

    /// For reading what was written.
    public Input input() {
        return new Input();
    }

    @Override
    public void close() {
        arena.close();
        scratch.release(reserved);
        reserved = 0;
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException("[%s] a temporary file could not be closed".formatted(name), e);
        }
    }

    private final class Output extends PositionOutputStream {
        private long position;

        @Override
        public long getPos() {
            return position;
        }

        @Override
        public void write(int one) {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int count) {
            scratch.reserve(count);
            reserved += count;
            ByteBuffer buffer = ByteBuffer.wrap(bytes, from, count);
            try {
                while (buffer.hasRemaining()) {
                    position += channel.write(buffer, position);
                }
            } catch (IOException e) {
                throw full(name, e);
            }
        }
    }

    /// The bytes of the file, mapped.
    public final class Input implements InputFile {
        /// The whole file. Valid until the file is closed.
        public MemorySegment map() {
            synchronized (ScratchFile.this) {
                MemorySegment all = mapped;
                if (all == null) {
                    try {
                        all = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
                    } catch (IOException e) {
                        throw full(name, e);
                    }
                    mapped = all;
                }
                return all;
            }
        }

        @Override
        public long getLength() {
            return map().byteSize();
        }

        @Override
        public SeekableInputStream newStream() {
            return new MappedStream(map());
        }

        @Override
        public String location() {
            return SCHEME + name;
        }

        @Override
        public boolean exists() {
            return true;
        }
    }

    private static final class MappedStream extends SeekableInputStream {
        private final MemorySegment bytes;
        private long position;

        MappedStream(MemorySegment bytes) {
            this.bytes = bytes;
        }

        @Override
        public long getPos() {
            return position;
        }

        @Override
        public void seek(long target) {
            position = target;
        }

        @Override
        public int read() {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int from, int count) {
            long available = bytes.byteSize() - position;
            if (available <= 0) {
                return count == 0 ? 0 : -1;
            }
            int read = (int) Math.min(count, available);
            MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, position, target, from, read);
            position += read;
            return read;
        }
    }
}
