package dev.firn.lake.storage;

import java.lang.ref.Cleaner;
import java.util.Map;
import org.apache.iceberg.aws.s3.S3FileIO;
import org.apache.iceberg.aws.s3.S3FileIOProperties;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.ResolvingFileIO;
import org.jspecify.annotations.Nullable;

/// The file IO of a table, whose files are read as [StoreInput]. Thread-safe. Writing is left to the table's own.
public final class StoreIO implements FileIO {
    private static final long serialVersionUID = 1L;
    private static final Cleaner CLEANER = Cleaner.create();

    private final FileIO io;
    private final transient ReadRetries retries;
    private final transient S3FileIOProperties s3Properties;
    private transient @Nullable S3FileIO s3;

    private StoreIO(FileIO io) {
        this.io = io;
        this.retries = ReadRetries.of(S3Properties.withDefaults(io.properties()));
        this.s3Properties = new S3FileIOProperties(io.properties());
        this.s3 = io instanceof S3FileIO own ? own : null;
    }

    public static StoreIO of(FileIO io) {
        return io instanceof StoreIO ours ? ours : new StoreIO(io);
    }

    @Override
    public InputFile newInputFile(String location) {
        return input(location, -1);
    }

    @Override
    public InputFile newInputFile(String location, long length) {
        return input(location, length);
    }

    private InputFile input(String location, long length) {
        if (isOnS3(location)) {
            return StoreInput.ofS3(location, length, () -> s3().client(location), s3Properties, retries);
        }
        return StoreInput.of(
                length < 0 ? io.newInputFile(location) : io.newInputFile(location, length), length, retries);
    }

    /// Whether the file is read from S3 by Iceberg's client.
    public boolean isOnS3(String location) {
        return location.startsWith("s3")
                && (io instanceof S3FileIO
                        || (io instanceof ResolvingFileIO any && any.ioClass(location) == S3FileIO.class));
    }

    /// A resolving file IO hides the one that it resolves to, so this is a second one with the same properties.
    private synchronized S3FileIO s3() {
        S3FileIO open = s3;
        if (open == null) {
            S3FileIO own = new S3FileIO();
            if (io instanceof ResolvingFileIO granted) {
                own.setCredentials(granted.credentials());
            }
            own.initialize(io.properties());
            CLEANER.register(this, own::close);
            s3 = own;
            open = own;
        }
        return open;
    }

    @Override
    public OutputFile newOutputFile(String location) {
        return io.newOutputFile(location);
    }

    @Override
    public void deleteFile(String location) {
        io.deleteFile(location);
    }

    @Override
    public Map<String, String> properties() {
        return io.properties();
    }
}
