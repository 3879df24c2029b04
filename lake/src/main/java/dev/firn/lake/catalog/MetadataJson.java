package dev.firn.lake.catalog;

import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.Reason;
import dev.firn.lake.storage.MetadataCache;
import dev.firn.lake.storage.StoreInput;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.inmemory.InMemoryInputFile;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.SeekableInputStream;
import org.apache.iceberg.view.ViewMetadataParser;

/// Reads metadata files of tables. A file that is cut off or damaged, or that the store does not hand out, is a
/// definite answer: Iceberg's catalogs would read it twenty times, until the time limit of the call hides the reason.
final class MetadataJson {
    private static final String WHOLE = "whole";
    private static final Pattern UNIQUE = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

    private MetadataJson() {}

    /// The answer to a read that no other try changes. Iceberg's catalogs retry every exception but a missing file.
    static final class FinalAnswer extends NotFoundException {
        private static final long serialVersionUID = 1L;

        FinalAnswer(LakeRejection answer) {
            super(answer, "%s", answer.getMessage());
        }
    }

    static boolean isMetadata(String location) {
        return location.contains(".metadata.json");
    }

    /// The same file for Iceberg to read. It is parsed here first, and its stream is over the same bytes.
    static InputFile checked(InputFile file) {
        return new InputFile() {
            @Override
            public long getLength() {
                return file.getLength();
            }

            @Override
            public SeekableInputStream newStream() {
                try {
                    StoreInput input = MetadataCache.keptWhileLoading(StoreInput.of(file));
                    byte[] bytes = kept(input).orElseGet(() -> {
                        byte[] read = bytes(input);
                        requireSound(file.location(), read);
                        keep(input, read);
                        return read;
                    });
                    return new InMemoryInputFile(file.location(), bytes).newStream();
                } catch (LakeRejection answer) {
                    throw new FinalAnswer(answer);
                }
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
        };
    }

    private static Optional<byte[]> kept(StoreInput input) {
        return isNamedOnce(input.location()) ? input.kept(WHOLE, byte[].class) : Optional.empty();
    }

    private static void keep(StoreInput input, byte[] bytes) {
        if (isNamedOnce(input.location())) {
            input.keep(WHOLE, bytes, bytes.length);
        }
    }

    /// Whether no other file ever has this name. A Hadoop catalog numbers its files (`v1.metadata.json`), and numbers
    /// them from the start again when a table is dropped and made anew.
    static boolean isNamedOnce(String location) {
        return UNIQUE.matcher(location.substring(location.lastIndexOf('/') + 1)).find();
    }

    /// Throws `FILE_UNREADABLE`, `UNSUPPORTED_TABLE`, or what the store throws.
    static TableMetadata read(InputFile file) {
        StoreInput input = StoreInput.of(file);
        Optional<byte[]> kept = kept(input);
        byte[] bytes = kept.orElseGet(() -> bytes(input));
        TableMetadata metadata = parse(file.location(), bytes);
        if (kept.isEmpty()) {
            keep(input, bytes);
        }
        return metadata;
    }

    private static byte[] bytes(StoreInput file) {
        try (InputStream stream = file.newStream()) {
            return stream.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Metadata of a table or of a view: catalogs look at both to say what a name stands for.
    private static void requireSound(String location, byte[] bytes) {
        try {
            parse(location, bytes);
        } catch (LakeRejection noTable) {
            try {
                ViewMetadataParser.read(new InMemoryInputFile(location, bytes));
            } catch (RuntimeException noView) {
                throw noTable;
            }
        }
    }

    private static TableMetadata parse(String location, byte[] bytes) {
        try {
            return TableMetadataParser.read(new InMemoryInputFile(location, bytes));
        } catch (RuntimeException e) {
            String reason = Reason.of(e);
            if (reason.contains("unsupported version")) {
                throw new LakeRejection(LakeCode.UNSUPPORTED_TABLE, "[" + location + "] " + reason, null, e);
            }
            throw new LakeRejection(
                    LakeCode.FILE_UNREADABLE,
                    "[%s] the metadata file of %d bytes is cut off or damaged: %s"
                            .formatted(location, bytes.length, reason),
                    null,
                    e);
        }
    }
}
